// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.replication;

import io.tailrace.cluster.bus.ReplicaMessage;
import io.vertx.core.Future;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Carries {@link ReplicaMessage}s between nodes. It may lose them, bring them late or twice; it never makes two of them into one. Flow is held
 * back by the asker, who has one fetch under way for each leader.
 */
public interface ReplicaTransport {

    /** Of a node that is alone: there is nobody to ask, and nobody asks. */
    static ReplicaTransport none() {
        return new ReplicaTransport() {
            @Override
            public Future<Answer> fetch(int leaderId, ReplicaMessage.Fetch request, long timeoutMs) {
                return Future.failedFuture("this node is alone");
            }

            @Override
            public void release(int leaderId, ReplicaMessage.Release release) {}

            @Override
            public Future<Service> serve(
                    int nodeId,
                    Function<ReplicaMessage.Fetch, Future<Answer>> fetches,
                    Consumer<ReplicaMessage.Release> releases) {
                return Future.succeededFuture(Future::succeededFuture);
            }
        };
    }

    /**
     * An answer whose records lie in memory that is to be given back.
     *
     * @param release to be run once, by who has it last, from any thread; the records must not be touched afterwards
     */
    record Answer(ReplicaMessage.Fetched fetched, Runnable release) {}

    /**
     * Asks a node. To be called on one event loop, for all leaders.
     *
     * @param timeoutMs when to give up
     * @return completes on the caller's context, with an answer that is the caller's to release; fails if none came
     */
    Future<Answer> fetch(int leaderId, ReplicaMessage.Fetch request, long timeoutMs);

    /** Sends a release, without any sign of what became of it. Where {@link #fetch} is called. */
    void release(int leaderId, ReplicaMessage.Release release);

    /**
     * Takes what others send to this node, on the context that calls.
     *
     * @param fetches its answers are the transport's to release
     * @return there when they can reach it
     */
    Future<Service> serve(
            int nodeId,
            Function<ReplicaMessage.Fetch, Future<Answer>> fetches,
            Consumer<ReplicaMessage.Release> releases);

    /** A node that takes what others send. */
    @FunctionalInterface
    interface Service {

        /** Takes no more; done, on the context that serves, when nothing new comes. What came before may still be answered. */
        Future<?> end();
    }
}
