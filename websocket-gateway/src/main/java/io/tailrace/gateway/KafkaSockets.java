// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.ServerWebSocket;

/** Kafka's own protocol within WebSockets; the broker brings it, with the rules of its listeners. */
@FunctionalInterface
public interface KafkaSockets {

    /** The part of one event loop; called on it. */
    Loop open(Vertx vertx, Context context);

    /** Those of one event loop; but for {@link #drain}, called on it. */
    interface Loop {

        /** Takes over a WebSocket that has just been opened, for good; or closes it if there is no room. */
        void take(ServerWebSocket socket);

        /** Answers what is in hand, takes no more; completes when no connection is left, or the time for it is over. Any thread. */
        Future<Void> drain();
    }
}
