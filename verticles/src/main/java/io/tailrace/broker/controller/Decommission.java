// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.controller;

import io.tailrace.cluster.metadata.MetadataLog;
import io.tailrace.cluster.metadata.QuorumView;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a node out of those that keep the metadata log, before it is unregistered: a voter that never comes back would count against the
 * majority for ever. In that order, so that an operator who was told that the node is unregistered need not look further; one who was not asks
 * again.
 *
 * <p>On the context of the controller.
 */
final class Decommission {

    private static final Logger LOG = LoggerFactory.getLogger(Decommission.class);

    /** Less than a client waits for its answer. */
    private static final long PATIENCE_MS = 20_000;

    private static final long RETRY_MS = 200;

    /** The request is another node's to answer. */
    static final class ElsewhereException extends RuntimeException {

        private static final long serialVersionUID = 1;

        ElsewhereException(String message) {
            super(message);
        }
    }

    private final int nodeId;
    private final MetadataLog log;
    private final int votersMost;

    /** @param votersMost how many nodes are to vote */
    Decommission(int nodeId, MetadataLog log, int votersMost) {
        this.nodeId = nodeId;
        this.log = log;
        this.votersMost = votersMost;
    }

    /**
     * Done when the node keeps the log no longer; at once if it never did. A controller that is to take out itself hands over first, and fails
     * with {@link ElsewhereException}.
     */
    Future<Void> expel(Vertx vertx, int leaving) {
        return expel(vertx, leaving, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS));
    }

    private Future<Void> expel(Vertx vertx, int leaving, long deadlineNanos) {
        QuorumView quorum = log.describe();
        if (quorum.leaderId() != nodeId) {
            return Future.failedFuture(new ElsewhereException("This node does not lead the metadata log."));
        }
        if (leaving == nodeId && quorum.voters().size() > 1) {
            return handOver();
        }
        boolean takesPart = Stream.concat(quorum.voters().stream(), quorum.observers().stream())
                .anyMatch(it -> it.nodeId() == leaving);
        if (leaving == nodeId || !takesPart) {
            return Future.succeededFuture();
        }
        LOG.info("node={} is to keep the metadata log no longer", leaving);
        return Future.fromCompletionStage(log.expel(leaving, votersMost), vertx.getOrCreateContext())
                .recover(failure -> {
                    if (System.nanoTime() - deadlineNanos > 0) {
                        return Future.failedFuture(failure);
                    }
                    LOG.info("node={} cannot be taken out of the metadata log yet: {}", leaving, failure.getMessage());
                    return vertx.timer(RETRY_MS, TimeUnit.MILLISECONDS)
                            .compose(any -> expel(vertx, leaving, deadlineNanos));
                });
    }

    private Future<Void> handOver() {
        return Future.fromCompletionStage(log.resign())
                .otherwiseEmpty()
                .compose(any -> Future.failedFuture(new ElsewhereException(
                        "Node " + nodeId + " was the controller; another one has to take it out.")));
    }
}
