// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import java.util.List;

/**
 * Limits of the Kafka listener.
 *
 * @param requestMaxBytes largest request frame taken; a larger one closes the connection
 * @param queuedMaxBytes bytes of requests held at once over all connections; above it, no socket is read
 * @param connectionMaxRequests requests of one connection in work at once; above it, that socket is not read
 * @param drainMs how long a listener that closes still answers
 * @param sendBufferBytes of the socket; -1 leaves it to the system
 * @param receiveBufferBytes of the socket; -1 leaves it to the system
 */
public record NetworkConfig(
        int requestMaxBytes,
        long queuedMaxBytes,
        int connectionMaxRequests,
        int maxConnections,
        int maxConnectionsPerIp,
        long idleMs,
        int backlog,
        int drainMs,
        int sendBufferBytes,
        int receiveBufferBytes) {

    static final Key<Integer> REQUEST_MAX = Key.integer(
            "socket.request.max.bytes",
            104_857_600,
            1024,
            "bytes",
            "Largest request that is taken; a larger one closes its connection.");
    static final Key<Long> QUEUED_MAX = Key.number(
            "queued.max.request.bytes",
            134_217_728,
            -1,
            "bytes",
            "Bytes of requests that may wait or be in work at once, over all connections; above it sockets are not read. -1 stands for the default.");
    static final Key<Integer> CONNECTION_REQUESTS = Key.integer(
            "connection.max.requests",
            64,
            1,
            "requests",
            "Requests of one connection in work at once; above it that socket is not read.");
    static final Key<Integer> MAX_CONNECTIONS = Key.integer(
            "max.connections",
            Integer.MAX_VALUE,
            0,
            "connections",
            "Connections open at once on this node. The default stands for as many as a quarter of the heap holds, at 8 KiB each.");
    static final Key<Integer> MAX_PER_IP = Key.integer(
            "max.connections.per.ip",
            Integer.MAX_VALUE,
            0,
            "connections",
            "Connections open at once from one address.");
    static final Key<Long> IDLE = Key.number(
            "connections.max.idle.ms",
            600_000,
            0,
            "milliseconds",
            "A connection that is silent for so long is closed.");
    static final Key<Integer> BACKLOG = Key.integer(
            "socket.listen.backlog.size", 1024, 1, "connections", "Connections that may wait to be accepted.");
    static final Key<Integer> DRAIN = Key.integer(
            "connections.drain.timeout.ms",
            5_000,
            0,
            "milliseconds",
            "How long a node that stops goes on answering what is in hand or still arrives, before it cuts connections.");
    static final Key<Integer> SEND_BUFFER = Key.integer(
            "socket.send.buffer.bytes",
            -1,
            -1,
            "bytes",
            "Send buffer of each socket. -1 leaves it to the system, which adapts it.");
    static final Key<Integer> RECEIVE_BUFFER = Key.integer(
            "socket.receive.buffer.bytes",
            -1,
            -1,
            "bytes",
            "Receive buffer of each socket. -1 leaves it to the system, which adapts it.");

    static final List<Key<?>> KEYS = List.of(
            REQUEST_MAX,
            QUEUED_MAX,
            CONNECTION_REQUESTS,
            MAX_CONNECTIONS,
            MAX_PER_IP,
            IDLE,
            BACKLOG,
            DRAIN,
            SEND_BUFFER,
            RECEIVE_BUFFER);

    static NetworkConfig from(Settings settings) {
        long queued = settings.get(QUEUED_MAX);
        return new NetworkConfig(
                settings.get(REQUEST_MAX),
                queued > 0 ? queued : Long.parseLong(QUEUED_MAX.fallback()),
                settings.get(CONNECTION_REQUESTS),
                settings.get(MAX_CONNECTIONS),
                settings.get(MAX_PER_IP),
                settings.get(IDLE),
                settings.get(BACKLOG),
                settings.get(DRAIN),
                settings.get(SEND_BUFFER),
                settings.get(RECEIVE_BUFFER));
    }
}
