// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import io.tailrace.cluster.metadata.ControllerReply.AlteredPartition;
import io.tailrace.cluster.metadata.ControllerReply.PartitionsAltered;
import io.tailrace.cluster.metadata.ControllerRequest.AlterPartition;
import io.tailrace.cluster.metadata.ControllerRequest.IsrChange;
import io.tailrace.cluster.metadata.ControllerRequest.IsrMember;
import io.tailrace.cluster.metadata.MetadataRecord.PartitionChanged;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.protocol.Errors;

/**
 * Decides AlterPartition: compare and set of the ISR by its leader.
 *
 * <p>The broker epochs in the request (KIP-903) keep out a replica that was started anew since the leader judged it by its fetches: what it
 * had then it may have lost.
 */
final class IsrChanges {

    private final TopicRules topicRules;

    IsrChanges(TopicRules topicRules) {
        this.topicRules = topicRules;
    }

    ControllerReply decide(AlterPartition request, Draft draft) {
        Optional<Outcome> stale = BrokerChanges.staleness(request.nodeId(), request.brokerEpoch(), draft.image());
        if (stale.isPresent()) {
            return new PartitionsAltered(stale.get(), List.of());
        }
        List<AlteredPartition> altered = new ArrayList<>(request.changes().size());
        for (IsrChange change : request.changes()) {
            Outcome outcome = decide(request.nodeId(), change, draft);
            altered.add(
                    new AlteredPartition(change.topicId(), change.partition(), outcome, find(change, draft.image())));
        }
        return new PartitionsAltered(Outcome.ok(), altered);
    }

    private static Optional<PartitionImage> find(IsrChange change, ClusterImage image) {
        return image.topic(change.topicId())
                .map(TopicImage::partitions)
                .filter(all -> change.partition() >= 0 && change.partition() < all.size())
                .map(all -> all.get(change.partition()));
    }

    private Outcome decide(int leader, IsrChange change, Draft draft) {
        ClusterImage image = draft.image();
        Optional<TopicImage> topic = image.topic(change.topicId());
        if (topic.isEmpty()) {
            return Outcome.refused(Errors.UNKNOWN_TOPIC_ID, "There is no topic with id " + change.topicId() + ".");
        }
        Optional<PartitionImage> found = find(change, image);
        if (found.isEmpty()) {
            return Outcome.refused(
                    Errors.UNKNOWN_TOPIC_OR_PARTITION,
                    "Topic '" + topic.get().name() + "' has no partition " + change.partition() + ".");
        }
        PartitionImage before = found.get();
        Optional<Outcome> defect = epochDefect(leader, change, before).or(() -> isrDefect(change, before, image));
        if (defect.isPresent()) {
            return defect.get();
        }
        List<Integer> wanted = change.isr().stream().map(IsrMember::nodeId).toList();
        PartitionImage after = Leadership.next(before, wanted, Set.of(), topicRules.of(topic.get(), image));
        if (after.equals(before)) {
            return Outcome.ok();
        }
        PartitionImage written = after.after(before);
        Outcome outcome = draft.emit(new PartitionChanged(topic.get().id(), written));
        return outcome.isOk() && written.leaderEpoch() != before.leaderEpoch()
                ? Outcome.refused(Errors.NEW_LEADER_ELECTED, "The ISR was changed, and a reassignment ended by it.")
                : outcome;
    }

    private static Optional<Outcome> epochDefect(int leader, IsrChange change, PartitionImage now) {
        if (change.leaderEpoch() > now.leaderEpoch() || change.partitionEpoch() > now.partitionEpoch()) {
            return refused(Errors.NOT_CONTROLLER, "The leader knows of a newer partition than this controller.");
        }
        if (change.leaderEpoch() < now.leaderEpoch()) {
            return refused(Errors.FENCED_LEADER_EPOCH, "The partition is at leader epoch " + now.leaderEpoch() + ".");
        }
        if (leader != now.leader()) {
            return refused(Errors.INVALID_REQUEST, "Node " + now.leader() + " leads, not node " + leader + ".");
        }
        if (change.partitionEpoch() < now.partitionEpoch()) {
            return refused(
                    Errors.INVALID_UPDATE_VERSION, "The partition is at partition epoch " + now.partitionEpoch() + ".");
        }
        return Optional.empty();
    }

    private static Optional<Outcome> isrDefect(IsrChange change, PartitionImage now, ClusterImage image) {
        List<Integer> wanted = change.isr().stream().map(IsrMember::nodeId).toList();
        if (new HashSet<>(wanted).size() != wanted.size()
                || !now.replicas().containsAll(wanted)
                || !wanted.contains(now.leader())) {
            return refused(
                    Errors.INVALID_REQUEST,
                    "The ISR " + wanted + " is not a set of the replicas " + now.replicas() + " with leader "
                            + now.leader() + ".");
        }
        for (IsrMember member : change.isr()) {
            BrokerImage broker = image.brokers().get(member.nodeId());
            if (broker == null
                    || !broker.active()
                    || (member.brokerEpoch() >= 0 && member.brokerEpoch() != broker.epoch())) {
                return refused(
                        Errors.INELIGIBLE_REPLICA,
                        "Node " + member.nodeId() + " with broker epoch " + member.brokerEpoch()
                                + " is fenced, leaving, gone, or was started anew.");
            }
        }
        return Optional.empty();
    }

    private static Optional<Outcome> refused(Errors error, String message) {
        return Optional.of(Outcome.refused(error, message));
    }
}
