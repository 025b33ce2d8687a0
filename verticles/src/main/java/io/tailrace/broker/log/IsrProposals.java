// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import io.tailrace.broker.controller.ControllerClient;
import io.tailrace.cluster.metadata.ControllerReply;
import io.tailrace.cluster.metadata.ControllerRequest;
import io.tailrace.cluster.replication.LeaderEffect;
import io.tailrace.cluster.replication.LeaderEvent;
import io.vertx.core.Context;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the leaders of a shard want their in-sync replicas to be: one request to the controller for all that came up in a turn. Every proposal
 * is answered to its machine, by the controller or by the failure to reach it; saying it again is the machine's business.
 */
final class IsrProposals {

    private static final Logger LOG = LoggerFactory.getLogger(IsrProposals.class);

    /** Less than the machines wait before they look again. */
    private static final long TIMEOUT_MS = 5_000;

    private record Proposal(HostedPartition partition, LeaderEffect.AlterIsr<PendingAppend.Ticket> wanted) {}

    private final Context shard;
    private final ControllerClient controller;
    private final int nodeId;
    private final LeaderEffects effects;
    private List<Proposal> proposals = new ArrayList<>();

    IsrProposals(Context shard, ControllerClient controller, int nodeId, LeaderEffects effects) {
        this.shard = shard;
        this.controller = controller;
        this.nodeId = nodeId;
        this.effects = effects;
    }

    void add(HostedPartition partition, LeaderEffect.AlterIsr<PendingAppend.Ticket> wanted) {
        proposals.add(new Proposal(partition, wanted));
    }

    /**
     * Sends what came up.
     *
     * @param brokerEpoch of this node
     * @param afterAnswer runs on the shard's thread when the machines have heard
     */
    void flush(long brokerEpoch, Runnable afterAnswer) {
        if (proposals.isEmpty()) {
            return;
        }
        List<Proposal> mine = proposals;
        proposals = new ArrayList<>();
        ControllerRequest request = new ControllerRequest.AlterPartition(
                nodeId, brokerEpoch, mine.stream().map(IsrProposals::change).toList());
        controller
                .submit(request, TIMEOUT_MS)
                .onComplete(done -> shard.runOnContext(answered -> {
                    if (done.failed()) {
                        LOG.error("the in-sync replicas could not be altered", done.cause());
                    }
                    for (int i = 0; i < mine.size(); i++) {
                        answer(mine.get(i), done.succeeded() ? error(done.result(), i) : Errors.UNKNOWN_SERVER_ERROR);
                    }
                    afterAnswer.run();
                }));
    }

    private void answer(Proposal proposal, Errors error) {
        LeaderEffect.AlterIsr<PendingAppend.Ticket> wanted = proposal.wanted;
        LOG.info(
                "{}: in-sync replicas {} in epoch {}: {}",
                proposal.partition.log().topicPartition(),
                wanted.inSyncReplicas().stream()
                        .map(LeaderEffect.InSyncReplica::nodeId)
                        .toList(),
                wanted.leaderEpoch(),
                error);
        effects.step(
                proposal.partition,
                new LeaderEvent.AlterIsrAnswered<>(wanted.leaderEpoch(), wanted.partitionEpoch(), error),
                System.currentTimeMillis());
    }

    private static Errors error(ControllerReply reply, int index) {
        return switch (reply) {
            case ControllerReply.PartitionsAltered altered -> {
                Errors all = altered.outcome().error();
                yield all == Errors.NONE
                        ? altered.partitions().get(index).outcome().error()
                        : all;
            }
            case ControllerReply.Refused refused -> refused.outcome().error();
            default -> throw new IllegalStateException("a change of in-sync replicas was answered with " + reply);
        };
    }

    private static ControllerRequest.IsrChange change(Proposal proposal) {
        LeaderEffect.AlterIsr<PendingAppend.Ticket> wanted = proposal.wanted;
        return new ControllerRequest.IsrChange(
                proposal.partition.key().topicId(),
                proposal.partition.key().partition(),
                wanted.leaderEpoch(),
                wanted.partitionEpoch(),
                wanted.inSyncReplicas().stream()
                        .map(member -> new ControllerRequest.IsrMember(member.nodeId(), member.brokerEpoch()))
                        .toList());
    }
}
