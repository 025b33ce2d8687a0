// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway;

/** What the gateway tells about its work. Called on event loops, for each chunk of records at most: implementations only count. */
public interface GatewayMetrics {

    /** WebSockets were opened, or closed if the number is negative. */
    default void sockets(int change) {}

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
