// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.tailrace.broker.api.ApiRegistry;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the connections of one event loop share. */
final class ConnectionServices {

    private static final Logger LOG = LoggerFactory.getLogger(KafkaListener.class);

    /** Lines a second and event loop about clients that misbehave. */
    private static final int LINES = 5;

    private final ListenerConfig config;
    private final ApiRegistry apis;
    private final ListenerPorts ports;
    private final LogLimiter lines = new LogLimiter(LINES);

    ConnectionServices(ListenerConfig config, ApiRegistry apis, ListenerPorts ports) {
        this.config = config;
        this.apis = apis;
        this.ports = ports;
    }

    ListenerConfig config() {
        return config;
    }

    ApiRegistry apis() {
        return apis;
    }

    ListenerPorts ports() {
        return ports;
    }

    /** Whether to take a connection; if so, {@link #closed} must be told of its end. */
    boolean admits(InetSocketAddress remote) {
        String ip = remote.getAddress().getHostAddress();
        boolean counted = ports.counts().tryOpen(ip, config.connections());
        if (counted && ports.admission().test(remote)) {
            ports.metrics().connectionOpened();
            return true;
        }
        if (counted) {
            ports.counts().close(ip);
        }
        ports.metrics().connectionRefused();
        if (mayLog()) {
            LOG.warn(
                    "connection refused: listener={} remote={} connections={}",
                    config.name(),
                    remote,
                    ports.counts().total());
        }
        return false;
    }

    void closed(InetSocketAddress remote) {
        ports.counts().close(remote.getAddress().getHostAddress());
        ports.metrics().connectionClosed();
    }

    /** One line, or none if there were many, about a connection that is closed for what its client did. */
    void broken(ConnectionState connection, String reason) {
        ports.metrics().connectionBroken();
        if (mayLog()) {
            LOG.warn(
                    "connection closed: listener={} connection={} remote={} reason={}",
                    config.name(),
                    connection.id(),
                    connection.remote(),
                    reason);
        }
    }

    /** A handler failed: once, with all that identifies the request. */
    void failed(InFlightRequest request, Throwable failure) {
        ports.metrics().requestFailed(request.head().api());
        if (!mayLog()) {
            return;
        }
        Object detail = Failures.isExpected(failure) ? failure.toString() : failure;
        LOG.error(
                "request failed: listener={} connection={} apiKey={} apiVersion={} correlationId={} clientId={} reason={}",
                config.name(),
                request.context().connectionId(),
                request.head().api(),
                request.head().version(),
                request.head().correlationId(),
                request.head().clientId(),
                failure.toString(),
                detail);
    }

    /** This code failed, not a handler and not a client. */
    void crashed(InetSocketAddress remote, Throwable failure) {
        ports.metrics().connectionBroken();
        if (!mayLog()) {
            return;
        }
        LOG.error(
                "connection closed after an unexpected failure: listener={} remote={}", config.name(), remote, failure);
    }

    private boolean mayLog() {
        if (!lines.allows(System.currentTimeMillis())) {
            return false;
        }
        long suppressed = lines.takeSuppressed();
        if (suppressed > 0) {
            LOG.warn("{} more lines about connections and requests were left out", suppressed);
        }
        return true;
    }
}
