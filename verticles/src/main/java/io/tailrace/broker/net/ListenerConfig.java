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
 * @param backlog connections that may wait in the system's queue to be taken
 * @param drainMs how long a listener that closes goes on answering
 */
public record ListenerConfig(
        String name,
        String host,
        int port,
        int loops,
        int backlog,
        long drainMs,
        ConnectionRules connections,
        RequestRules requests) {

    private static final int USUAL_BACKLOG = 1024;
    private static final long USUAL_DRAIN_MS = 5_000;

    /** The usual bounds, on {@code host} and {@code port}, with an event loop for each processor. */
    public static ListenerConfig plaintext(String host, int port) {
        return new ListenerConfig(
                "PLAINTEXT",
                host,
                port,
                Runtime.getRuntime().availableProcessors(),
                USUAL_BACKLOG,
                USUAL_DRAIN_MS,
                ConnectionRules.defaults(),
                RequestRules.defaults());
    }

    /** The same with other rules for connections. */
    public ListenerConfig with(ConnectionRules other) {
        return new ListenerConfig(name, host, port, loops, backlog, drainMs, other, requests);
    }

    /** The same with other rules for requests. */
    public ListenerConfig with(RequestRules other) {
        return new ListenerConfig(name, host, port, loops, backlog, drainMs, connections, other);
    }

    /** The same on fewer or more event loops. */
    public ListenerConfig withLoops(int count) {
        return new ListenerConfig(name, host, port, count, backlog, drainMs, connections, requests);
    }

    /** The part that Vert.x understands; TLS settings would be added to it. */
    NetServerOptions toNetServerOptions() {
        return new NetServerOptions()
                .setHost(host)
                .setTcpNoDelay(true)
                .setTcpKeepAlive(true)
                .setReuseAddress(true)
                .setAcceptBacklog(backlog);
    }
}
