// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import org.apache.kafka.common.protocol.ApiKeys;

/** What a listener tells about its work. Called on event loops, for each request: implementations only count. */
public interface ListenerMetrics {

    /** A connection was taken. */
    default void connectionOpened() {}

    /** A connection that had been taken is gone. */
    default void connectionClosed() {}

    /** A connection was turned away. */
    default void connectionRefused() {}

    /** A connection was closed because of what the client did or did not do. */
    default void connectionBroken() {}

    /** A request has been read. */
    default void requestReceived(ApiKeys api, short version, int frameBytes) {}

    /** A response was handed to the socket; {@code frameBytes} is 0 where the protocol wants silence. */
    default void responseSent(ApiKeys api, int frameBytes, long elapsedNanos) {}

    /** A handler failed where it should have answered. */
    default void requestFailed(ApiKeys api) {}

    /** Counts nothing. */
    static ListenerMetrics none() {
        return new ListenerMetrics() {};
    }
}
