// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import io.tailrace.cluster.metadata.ControllerReply.Done;
import io.tailrace.cluster.metadata.ControllerRequest.FailedReplica;
import io.tailrace.cluster.metadata.ControllerRequest.ReportFailedReplicas;
import io.tailrace.cluster.metadata.MetadataRecord.PartitionChanged;
import java.util.Optional;

/**
 * Decides what becomes of replicas that failed on a node that lives: nobody trusts them any more, and somebody else leads.
 *
 * <p>A replica whose disk is gone leads nothing even if nobody can take over: the partition waits. One that is merely rotten somewhere leads on
 * until there is an heir, for most of what it has can still be had.
 *
 * <p><b>The leader epoch grows with every report</b>, also if nobody else comes to lead and the replica was not trusted in the first place. The node deletes
 * what is rotten and copies it anew, within one registration; a fetch that it sent before, and that comes late, would tell the leader that it has what
 * it has no more. Such a fetch names an epoch that is past.
 *
 * <p>The metadata does not say which replicas failed. One that is elected after all, since it was the last that was trusted and its node is
 * active, is reported again by its node.
 */
final class ReplicaFailures {

    private final TopicRules topicRules;

    ReplicaFailures(TopicRules topicRules) {
        this.topicRules = topicRules;
    }

    ControllerReply decide(ReportFailedReplicas request, Draft draft) {
        Optional<Outcome> stale = BrokerChanges.staleness(request.nodeId(), request.brokerEpoch(), draft.image());
        if (stale.isPresent()) {
            return new Done(stale.get());
        }
        Outcome outcome = Outcome.ok();
        for (FailedReplica failed : request.replicas()) {
            outcome = outcome.isOk() ? decide(request.nodeId(), failed, draft) : outcome;
        }
        return new Done(outcome);
    }

    private Outcome decide(int node, FailedReplica failed, Draft draft) {
        ClusterImage image = draft.image();
        Optional<TopicImage> topic = image.topic(failed.topicId())
                .filter(it -> failed.partition() >= 0
                        && failed.partition() < it.partitions().size());
        if (topic.isEmpty()) {
            return Outcome.ok(); // deleted meanwhile
        }
        PartitionImage before = topic.get().partitions().get(failed.partition());
        Optional<PartitionImage> after = Leadership.without(before, node, true, topicRules.of(topic.get(), image));
        if (after.filter(it -> it.leader() == PartitionImage.NO_LEADER).isPresent()) {
            return failed.readable() ? Outcome.ok() : emit(topic.get(), after.get(), draft);
        }
        return before.leader() == PartitionImage.NO_LEADER || (after.isEmpty() && before.leader() == node)
                ? Outcome.ok() // nobody to copy from; said again when there is
                : emit(topic.get(), after.orElse(before).fencing(before), draft);
    }

    private static Outcome emit(TopicImage topic, PartitionImage after, Draft draft) {
        return draft.emit(new PartitionChanged(topic.id(), after));
    }
}
