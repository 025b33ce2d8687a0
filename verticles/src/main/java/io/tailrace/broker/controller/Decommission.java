// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.controller;

import io.tailrace.cluster.metadata.MetadataLog;
import io.tailrace.cluster.metadata.QuorumView;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
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

    private final int nodeId;
    private final MetadataLog log;
    private final QuorumChange change;
    private final int votersMost;

    /** @param votersMost how many nodes are to vote */
    Decommission(int nodeId, MetadataLog log, int votersMost) {
        this.nodeId = nodeId;
        this.log = log;
        this.change = new QuorumChange(nodeId, log);
        this.votersMost = votersMost;
    }

    /**
     * Done when the node keeps the log no longer; at once if it never did. A controller that is to take out itself hands over first, and fails
     * with {@link QuorumChange.ElsewhereException}.
     */
    Future<Void> expel(Vertx vertx, int leaving) {
        return change.make(vertx, "node=" + leaving, PATIENCE_MS, (quorum, again) -> expel(vertx, leaving, quorum));
    }

    private Future<Void> expel(Vertx vertx, int leaving, QuorumView quorum) {
        if (leaving == nodeId && quorum.voters().size() > 1) {
            return change.handOver(vertx);
        }
        boolean takesPart = Stream.concat(quorum.voters().stream(), quorum.observers().stream())
                .anyMatch(it -> it.nodeId() == leaving);
        if (leaving == nodeId || !takesPart) {
            return Future.succeededFuture();
        }
        LOG.info("node={} is to keep the metadata log no longer", leaving);
        return QuorumChange.of(vertx, log.expel(leaving, votersMost));
    }
}
