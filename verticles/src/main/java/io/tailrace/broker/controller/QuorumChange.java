// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.controller;

import io.tailrace.cluster.metadata.MetadataLog;
import io.tailrace.cluster.metadata.QuorumView;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes who keeps the metadata log, and tries again while that is not possible: a leader is not ready at once, and there is one change at a time. Ends
 * when the time is over, whatever the log does.
 *
 * <p>On the context of the controller.
 */
final class QuorumChange {

    private static final Logger LOG = LoggerFactory.getLogger(QuorumChange.class);
    private static final long RETRY_MS = 200;

    /** The request is another node's to answer. */
    static final class ElsewhereException extends RuntimeException {

        private static final long serialVersionUID = 1;

        ElsewhereException(String message) {
            super(message);
        }
    }

    /** What is tried. */
    interface Attempt<T> {
        /**
         * @param quorum as it is now, with this node as its leader
         * @param again whether it was tried before, and may have been done
         */
        Future<T> in(QuorumView quorum, boolean again);
    }

    private final int nodeId;
    private final MetadataLog log;

    QuorumChange(int nodeId, MetadataLog log) {
        this.nodeId = nodeId;
        this.log = log;
    }

    /**
     * What came of the first attempt that succeeded.
     *
     * @param what is changed, for the log of this node
     * @param patienceMs how long it is tried
     * @return fails with {@link ElsewhereException}, and at once, if another node leads the log or came to lead it
     */
    <T> Future<T> make(Vertx vertx, String what, long patienceMs, Attempt<T> attempt) {
        return make(vertx, what, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMs), attempt, false);
    }

    private <T> Future<T> make(Vertx vertx, String what, long deadlineNanos, Attempt<T> attempt, boolean again) {
        QuorumView quorum = log.describe();
        if (quorum.leaderId() != nodeId) {
            return Future.failedFuture(new ElsewhereException("This node does not lead the metadata log."));
        }
        long leftMs = Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime()));
        return attempt.in(quorum, again).timeout(leftMs, TimeUnit.MILLISECONDS).recover(failure -> {
            if (failure instanceof ElsewhereException || System.nanoTime() - deadlineNanos >= 0) {
                return Future.failedFuture(failure);
            }
            LOG.info("{} cannot be changed yet: {}", what, failure.getMessage());
            return vertx.timer(RETRY_MS, TimeUnit.MILLISECONDS)
                    .compose(any -> make(vertx, what, deadlineNanos, attempt, true));
        });
    }

    /** A stage of the log's, on the context of the controller. */
    static <T> Future<T> of(Vertx vertx, CompletionStage<T> stage) {
        return Future.fromCompletionStage(stage, vertx.getOrCreateContext());
    }

    /** What this node cannot do to itself while it leads: it hands over, and then it is another's to do. */
    <T> Future<T> handOver(Vertx vertx) {
        return of(vertx, log.resign())
                .otherwiseEmpty()
                .compose(any -> Future.failedFuture(
                        new ElsewhereException("Node " + nodeId + " was the controller; another one has to do it.")));
    }
}
