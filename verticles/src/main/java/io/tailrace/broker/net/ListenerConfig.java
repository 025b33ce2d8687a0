// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.vertx.core.net.NetServerOptions;

/**
 * One entry of {@code listeners}.
 *
 * @param name listener name, as handlers see it in the request context
 * @param host address to bind; {@code "0.0.0.0"} for all
 * @param port 0 picks a free one
 * @param loops event loops that take connections, at least 1
 */
public record ListenerConfig(
        String name, String host, int port, int loops, ConnectionRules connections, RequestRules requests) {

    /** The usual bounds, on {@code host} and {@code port}, with an event loop for each processor. */
    public static ListenerConfig plaintext(String host, int port) {
        return new ListenerConfig(
                "PLAINTEXT",
                host,
                port,
                Runtime.getRuntime().availableProcessors(),
                ConnectionRules.defaults(),
                RequestRules.defaults());
    }

    /** The same with other rules for connections. */
    public ListenerConfig with(ConnectionRules other) {
        return new ListenerConfig(name, host, port, loops, other, requests);
    }

    /** The same with other rules for requests. */
    public ListenerConfig with(RequestRules other) {
        return new ListenerConfig(name, host, port, loops, connections, other);
    }

    /** The same on fewer or more event loops. */
    public ListenerConfig withLoops(int count) {
        return new ListenerConfig(name, host, port, count, connections, requests);
    }

    /** The part that Vert.x understands; TLS settings would be added to it. */
    NetServerOptions toNetServerOptions() {
        return new NetServerOptions()
                .setHost(host)
                .setTcpNoDelay(true)
                .setTcpKeepAlive(true)
                .setReuseAddress(true)
                .setAcceptBacklog(1024);
    }
}
