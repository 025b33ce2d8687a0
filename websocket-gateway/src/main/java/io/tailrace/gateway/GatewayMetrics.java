// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway;

/** What the gateway tells about its work. Called on event loops, for each chunk of records at most: implementations only count. */
public interface GatewayMetrics {

    /** WebSockets were opened, or closed if the number is negative. */
    default void sockets(int change) {}

    /** Somebody wanted to open a WebSocket, and was let in at once, after a while, or not. */
    default void handshake(Handshake outcome) {}

    /** What became of it. */
    enum Handshake {
        ADMITTED,
        HELD,
        REFUSED
    }

    /** Likewise streams of server-sent events. */
    default void streams(int change) {}

    /** Likewise subscriptions. */
    default void subscriptions(int change) {}

    /** A chunk was handed to a socket. */
    default void delivered(int recordCount, long recordBytes, boolean creditLeft) {}

    /** Records of a browser were written, or not. */
    default void published(int written, int notWritten) {}

    /** Counts nothing. */
    static GatewayMetrics none() {
        return new GatewayMetrics() {};
    }
}
