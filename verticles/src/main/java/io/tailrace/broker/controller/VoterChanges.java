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

    private final int nodeId;
    private final MetadataLog log;
    private final QuorumChange change;

    VoterChanges(int nodeId, MetadataLog log) {
        this.nodeId = nodeId;
        this.log = log;
        this.change = new QuorumChange(nodeId, log);
    }

    /** What came of it; fails if it could not be done in time, and with {@link QuorumChange.ElsewhereException} if another node is to be asked. */
    Future<Outcome> set(Vertx vertx, AskVote asked) {
        return change.make(
                vertx,
                "the vote of node=" + asked.nodeId(),
                PATIENCE_MS,
                (quorum, again) -> set(vertx, quorum, asked, again || asked.repeated()));
    }

    private Future<Outcome> set(Vertx vertx, QuorumView quorum, AskVote asked, boolean again) {
        Optional<Outcome> settled = settled(quorum, asked, again);
        if (settled.isPresent()) {
            return Future.succeededFuture(settled.get());
        }
        if (!asked.votes() && asked.nodeId() == nodeId) {
            return change.handOver(vertx);
        }
        LOG.info("node={} is {} vote in the metadata log", asked.nodeId(), asked.votes() ? "to" : "not to");
        return QuorumChange.of(vertx, log.setVote(asked.nodeId(), asked.votes()))
                .map(Outcome.ok());
    }

    /** What there is to say without doing anything. */
    private static Optional<Outcome> settled(QuorumView quorum, AskVote asked, boolean again) {
        Optional<Member> voter = find(quorum.voters(), asked.nodeId());
        boolean same =
                voter.filter(it -> it.directoryId().equals(asked.directoryId())).isPresent();
        if (again && same == asked.votes()) {
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
