// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import io.tailrace.cluster.metadata.ControllerReply.OngoingReassignment;
import io.tailrace.cluster.metadata.ControllerReply.PartitionOutcome;
import io.tailrace.cluster.metadata.ControllerReply.Reassignments;
import io.tailrace.cluster.metadata.ControllerReply.ReassignmentsAltered;
import io.tailrace.cluster.metadata.ControllerRequest.AlterReassignments;
import io.tailrace.cluster.metadata.ControllerRequest.ListReassignments;
import io.tailrace.cluster.metadata.ControllerRequest.Reassignment;
import io.tailrace.cluster.metadata.MetadataRecord.PartitionChanged;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;

/**
 * Decides AlterPartitionReassignments and answers ListPartitionReassignments (KIP-455).
 *
 * <p>While a reassignment is under way the replicas are the target followed by those that will go; it is over when the whole target is in the
 * ISR, at once if it is already. Cancelling goes back to the replicas before: at once, as with Kafka, unless fewer than {@code
 * min.insync.replicas} of them are known to have what was committed; then those that it added stay until all of those before are in sync.
 *
 * <p>One in the place of another that is under way lets go at once only whom nobody trusts: what was committed may be on a replica that the other
 * one added. Such a replica is among both, those that are added and those that will go.
 */
final class ReassignmentChanges {

    private final TopicRules topicRules;

    ReassignmentChanges(TopicRules topicRules) {
        this.topicRules = topicRules;
    }

    ControllerReply alter(AlterReassignments request, Draft draft) {
        List<PartitionOutcome> outcomes = new ArrayList<>();
        for (Reassignment reassignment : request.reassignments()) {
            outcomes.add(new PartitionOutcome(
                    reassignment.partition(), alter(reassignment, request.allowReplicationFactorChange(), draft)));
        }
        return new ReassignmentsAltered(Outcome.ok(), outcomes);
    }

    private Outcome alter(Reassignment reassignment, boolean factorMayChange, Draft draft) {
        TopicPartition named = reassignment.partition();
        ClusterImage image = draft.image();
        Optional<TopicImage> topic = image.topic(named.topic());
        Optional<PartitionImage> found = image.partition(named.topic(), named.partition());
        if (topic.isEmpty() || found.isEmpty()) {
            return Outcome.refused(Errors.UNKNOWN_TOPIC_OR_PARTITION, "There is no partition " + named + ".");
        }
        PartitionImage before = found.get();
        PartitionImage changed;
        if (reassignment.replicas().isEmpty()) {
            if (!isOngoing(before)) {
                return Outcome.refused(Errors.NO_REASSIGNMENT_IN_PROGRESS, "No reassignment is under way.");
            }
            if (before.isr().stream().noneMatch(original(before)::contains)) {
                return Outcome.refused(
                        Errors.INVALID_REPLICA_ASSIGNMENT, "None of the replicas that would be left is in sync.");
            }
            changed = cancelled(before, topicRules.of(topic.get(), image).minInSync());
        } else {
            List<Integer> target = reassignment.replicas().get();
            Optional<Outcome> defect = ManualAssignment.defect(target, Optional.empty(), image.brokers());
            if (defect.isPresent()) {
                return defect.get();
            }
            if (!factorMayChange && target.size() != original(before).size()) {
                return Outcome.refused(
                        Errors.INVALID_REPLICATION_FACTOR,
                        "The partition has " + original(before).size() + " replicas; the request asks for "
                                + target.size() + " and does not allow that to change.");
            }
            changed = moved(before, target);
        }
        PartitionImage settled = Leadership.next(changed, before.isr(), Set.of(), topicRules.of(topic.get(), image));
        return settled.equals(before)
                ? Outcome.ok()
                : draft.emit(new PartitionChanged(topic.get().id(), settled.after(before)));
    }

    /** On the way to {@code target}: the replicas that will go stand last. Nothing to add and nothing to remove: there. */
    private static PartitionImage moved(PartitionImage before, List<Integer> target) {
        List<Integer> original = original(before);
        List<Integer> leaving = minus(before.replicas(), target).stream()
                .filter(it -> original.contains(it)
                        || before.isr().contains(it)
                        || before.elr().contains(it))
                .toList();
        List<Integer> during = Stream.concat(target.stream(), leaving.stream()).toList();
        return before.withReplicas(during, minus(during, original), leaving);
    }

    /** Back to the replicas before, at once if what was committed is on enough of them; else as a move there. */
    private static PartitionImage cancelled(PartitionImage before, int minInSync) {
        List<Integer> original = original(before);
        long trusted = original.stream()
                .filter(it -> before.isr().contains(it) || before.elr().contains(it))
                .count();
        return trusted >= Math.min(minInSync, original.size())
                ? before.withReplicas(original, List.of(), List.of())
                : moved(before, original);
    }

    private static List<Integer> original(PartitionImage partition) {
        return minus(partition.replicas(), partition.addingReplicas());
    }

    private static List<Integer> minus(List<Integer> from, List<Integer> taken) {
        return from.stream().filter(it -> !taken.contains(it)).toList();
    }

    private static boolean isOngoing(PartitionImage partition) {
        return !partition.addingReplicas().isEmpty()
                || !partition.removingReplicas().isEmpty();
    }

    static ControllerReply list(ListReassignments request, ClusterImage image) {
        List<OngoingReassignment> ongoing = new ArrayList<>();
        if (request.partitions().isPresent()) {
            for (TopicPartition named : request.partitions().get()) {
                image.partition(named.topic(), named.partition())
                        .ifPresent(partition -> addIfOngoing(named, partition, ongoing));
            }
        } else {
            new TreeMap<>(image.topics()).values().forEach(topic -> topic.partitions()
                    .forEach(partition ->
                            addIfOngoing(new TopicPartition(topic.name(), partition.index()), partition, ongoing)));
        }
        return new Reassignments(Outcome.ok(), ongoing);
    }

    private static void addIfOngoing(
            TopicPartition named, PartitionImage partition, List<OngoingReassignment> ongoing) {
        if (isOngoing(partition)) {
            ongoing.add(new OngoingReassignment(
                    named, partition.replicas(), partition.addingReplicas(), partition.removingReplicas()));
        }
    }
}
