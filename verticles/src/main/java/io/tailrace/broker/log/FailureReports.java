// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import io.tailrace.broker.controller.ControllerClient;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.ControllerReply;
import io.tailrace.cluster.metadata.ControllerRequest.FailedReplica;
import io.tailrace.cluster.metadata.ControllerRequest.ReportFailedReplicas;
import io.tailrace.cluster.metadata.PartitionImage;
import io.tailrace.log.PartitionLog;
import io.vertx.core.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the controller of replicas here that are trusted by the image and must not be: their log is offline, rotten somewhere, or could not be made. What to tell
 * follows from logs and image alone, so nothing has to be remembered, and what was lost on the way is told again by the next look.
 *
 * <p>On the shard's thread. One report is under way at a time.
 */
final class FailureReports {

    private static final Logger LOG = LoggerFactory.getLogger(FailureReports.class);

    private static final long TIMEOUT_MS = 5_000;

    /** Bounds one request; the rest follows with the next. */
    private static final int REPLICAS_MOST = 1_000;

    private final Context shard;
    private final ControllerClient controller;
    private final int nodeId;
    private boolean underWay;

    FailureReports(Context shard, ControllerClient controller, int nodeId) {
        this.shard = shard;
        this.controller = controller;
        this.nodeId = nodeId;
    }

    /** Looks, and tells if there is something to tell. */
    void look(HostedPartitions partitions, ClusterImage image) {
        long brokerEpoch = partitions.brokerEpoch();
        if (underWay || brokerEpoch < 0) {
            return;
        }
        List<FailedReplica> failed = new ArrayList<>();
        for (PartitionLog log : partitions.shardLog().partitions()) {
            if (failed.size() < REPLICAS_MOST && (!log.isOnline() || isCorrupt(log, partitions))) {
                replica(Housekeeping.key(log), log.isOnline(), isCorrupt(log, partitions), image)
                        .ifPresent(failed::add);
            }
        }
        for (PartitionKey key : partitions.unopened()) {
            if (failed.size() < REPLICAS_MOST) {
                // As with a log that is rotten: who is the last one leads on, for it may be there in a while.
                replica(key, true, false, image).ifPresent(failed::add);
            }
        }
        if (failed.isEmpty()) {
            return;
        }
        underWay = true;
        LOG.warn("{} replicas on this node have failed; the controller is asked to rely on others", failed.size());
        controller
                .submit(new ReportFailedReplicas(nodeId, brokerEpoch, failed), TIMEOUT_MS)
                .onComplete(done -> shard.runOnContext(answered -> {
                    underWay = false;
                    if (done.failed() || !isOk(done.result())) {
                        LOG.warn("failed replicas are not known to the controller yet: {}", done);
                    }
                }));
    }

    private static boolean isOk(ControllerReply reply) {
        return reply instanceof ControllerReply.Done it && it.outcome().isOk();
    }

    private static boolean isCorrupt(PartitionLog log, HostedPartitions partitions) {
        HostedPartition hosted = partitions.hosted(Housekeeping.key(log));
        return hosted != null && hosted.isCorrupt();
    }

    private Optional<FailedReplica> replica(PartitionKey key, boolean readable, boolean corrupt, ClusterImage image) {
        return image.topic(key.topicId())
                .filter(topic -> key.partition() < topic.partitions().size())
                .map(topic -> topic.partitions().get(key.partition()))
                .filter(partition -> (readable ? hasHeirs(partition) : isTrusted(partition))
                        || (corrupt && isNobodys(partition, nodeId)))
                .map(partition -> new FailedReplica(key.topicId(), key.partition(), readable));
    }

    /** Whether others are trusted too. */
    private boolean hasHeirs(PartitionImage partition) {
        return isListed(partition)
                && (partition.isr().stream().anyMatch(it -> it != nodeId)
                        || partition.elr().stream().anyMatch(it -> it != nodeId));
    }

    /** Whether something would change: the last of the ISR stays in it while nobody leads. */
    private boolean isTrusted(PartitionImage partition) {
        return partition.leader() == nodeId || hasHeirs(partition);
    }

    private boolean isListed(PartitionImage partition) {
        return partition.isr().contains(nodeId) || partition.elr().contains(nodeId);
    }

    /** Of a rotten one: it waits for an epoch in which it has not fetched. */
    private static boolean isNobodys(PartitionImage partition, int nodeId) {
        return partition.leader() != nodeId
                && partition.leader() != PartitionImage.NO_LEADER
                && !partition.isr().contains(nodeId)
                && !partition.elr().contains(nodeId);
    }

    /**
     * Whether what is here may go: the image trusts this node's replica no more and somebody else leads, in an epoch in which the replica has not fetched. A
     * fetch that was sent before may reach the leader after the log has gone, and say that this node has what it has no more.
     *
     * @param before the partition as this node knew it until now
     */
    static boolean isGivenUp(PartitionImage before, PartitionImage now, int nodeId) {
        return isNobodys(now, nodeId) && now.leaderEpoch() > before.leaderEpoch();
    }
}
