// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.replication;

import io.tailrace.cluster.bus.ReplicaMessage;
import io.vertx.core.Future;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Carries {@link ReplicaMessage}s between nodes. It may lose them, bring them late or twice; it never makes two of them into one. Flow is held
 * back by the asker, who has one fetch under way for each leader. The event bus is the first implementation; a socket of our own may follow.
 */
public interface ReplicaTransport {

    /**
     * Asks a node.
     *
     * @param timeoutMs when to give up; the answer may still be on its way then
     * @return completes on the caller's context; fails if no answer came
     */
    Future<ReplicaMessage.Fetched> fetch(int leaderId, ReplicaMessage.Fetch request, long timeoutMs);

    /** Sends a release, without any sign of what became of it. */
    void release(int leaderId, ReplicaMessage.Release release);

    /**
     * Takes what others send to this node, on the context that calls.
     *
     * @return there when they can reach it
     */
    Future<Service> serve(
            int nodeId,
            Function<ReplicaMessage.Fetch, Future<ReplicaMessage.Fetched>> fetches,
            Consumer<ReplicaMessage.Release> releases);

    /** A node that takes what others send. */
    @FunctionalInterface
    interface Service {

        /** Takes no more; done when nothing new comes. */
        Future<?> end();
    }
}
