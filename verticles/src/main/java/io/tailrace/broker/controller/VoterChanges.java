// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.controller;

import io.tailrace.broker.controller.ControllerCall.AskVote;
import io.tailrace.cluster.metadata.MetadataLog;
import io.tailrace.cluster.metadata.Outcome;
import io.tailrace.cluster.metadata.QuorumView;
import io.tailrace.cluster.metadata.QuorumView.Member;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives nodes a vote in the metadata log, and takes it (KIP-853). Only a node that follows the log already gets one: it has joined by itself when
 * it started, so that its address and folder are known.
 *
 * <p>On the context of the controller.
 */
final class VoterChanges {

    private static final Logger LOG = LoggerFactory.getLogger(VoterChanges.class);
    private static final long PATIENCE_MS = 10_000;
    private static final long RETRY_MS = 200;

    private final int nodeId;
    private final MetadataLog log;

    VoterChanges(int nodeId, MetadataLog log) {
        this.nodeId = nodeId;
        this.log = log;
    }

    /** What came of it; fails if it could not be done in time, and with {@link Decommission.ElsewhereException} if another node is to be asked. */
    Future<Outcome> set(Vertx vertx, AskVote asked) {
        return set(vertx, asked, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS));
    }

    private Future<Outcome> set(Vertx vertx, AskVote asked, long deadlineNanos) {
        QuorumView quorum = log.describe();
        if (quorum.leaderId() != nodeId) {
            return Future.failedFuture(
                    new Decommission.ElsewhereException("This node does not lead the metadata log."));
        }
        Optional<Outcome> settled = settled(quorum, asked);
        if (settled.isPresent()) {
            return Future.succeededFuture(settled.get());
        }
        if (!asked.votes() && asked.nodeId() == nodeId) {
            return Future.fromCompletionStage(log.resign())
                    .otherwiseEmpty()
                    .compose(any -> Future.failedFuture(new Decommission.ElsewhereException(
                            "Node " + nodeId + " was the controller; another one has to take its vote.")));
        }
        LOG.info("node={} is {} vote in the metadata log", asked.nodeId(), asked.votes() ? "to" : "not to");
        return Future.fromCompletionStage(log.setVote(asked.nodeId(), asked.votes()), vertx.getOrCreateContext())
                .map(Outcome.ok())
                .recover(failure -> {
                    // A leader is not ready at once, and there is one change at a time.
                    if (System.nanoTime() - deadlineNanos > 0) {
                        return Future.failedFuture(failure);
                    }
                    LOG.info("the vote of node={} cannot be changed yet: {}", asked.nodeId(), failure.getMessage());
                    AskVote again = new AskVote(asked.nodeId(), asked.directoryId(), asked.votes(), true);
                    return vertx.timer(RETRY_MS, TimeUnit.MILLISECONDS)
                            .compose(any -> set(vertx, again, deadlineNanos));
                });
    }

    /** What there is to say without doing anything. */
    private static Optional<Outcome> settled(QuorumView quorum, AskVote asked) {
        Optional<Member> voter = find(quorum.voters(), asked.nodeId());
        boolean same =
                voter.filter(it -> it.directoryId().equals(asked.directoryId())).isPresent();
        if (asked.repeated() && same == asked.votes()) {
            return Optional.of(Outcome.ok());
        }
        return asked.votes() ? unfitToVote(quorum, voter, asked) : unfitToLose(quorum, same, asked);
    }

    private static Optional<Outcome> unfitToVote(QuorumView quorum, Optional<Member> voter, AskVote asked) {
        if (voter.isPresent()) {
            return refused(
                    Errors.DUPLICATE_VOTER,
                    "Node " + asked.nodeId() + " votes already, with directory "
                            + voter.get().directoryId() + ".");
        }
        Optional<Member> observer = find(quorum.observers(), asked.nodeId());
        if (observer.isEmpty()) {
            return refused(
                    Errors.INVALID_REQUEST,
                    "Node " + asked.nodeId()
                            + " does not follow the metadata log. Start it first: it joins by itself.");
        }
        String directory = observer.get().directoryId();
        return directory.equals(asked.directoryId())
                ? Optional.empty()
                : refused(
                        Errors.INVALID_REQUEST,
                        "Node " + asked.nodeId() + " follows the metadata log with directory " + directory + ", not "
                                + asked.directoryId() + ".");
    }

    private static Optional<Outcome> unfitToLose(QuorumView quorum, boolean votes, AskVote asked) {
        if (!votes) {
            return refused(
                    Errors.VOTER_NOT_FOUND,
                    "Node " + asked.nodeId() + " with directory " + asked.directoryId() + " does not vote.");
        }
        return quorum.voters().size() > 1
                ? Optional.empty()
                : refused(Errors.INVALID_REQUEST, "Node " + asked.nodeId() + " is the only one that votes.");
    }

    private static Optional<Member> find(List<Member> members, int node) {
        return members.stream().filter(it -> it.nodeId() == node).findFirst();
    }

    private static Optional<Outcome> refused(Errors error, String message) {
        return Optional.of(Outcome.refused(error, message));
    }
}
