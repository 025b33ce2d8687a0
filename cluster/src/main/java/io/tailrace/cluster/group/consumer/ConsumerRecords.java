// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import io.tailrace.cluster.coordinator.CoordinatorRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupCurrentMemberAssignmentKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupCurrentMemberAssignmentValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMetadataValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupPartitionMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupRegularExpressionKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupRegularExpressionValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMemberKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMemberValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMetadataValue;
import org.jspecify.annotations.Nullable;

/**
 * What the log says of a consumer group, as Kafka writes it, and back.
 *
 * <pre>
 *   3 ConsumerGroupMetadata              group epoch, hash of what is known of its topics
 *   4 ConsumerGroupPartitionMetadata     of brokers before 4.1; only ever taken away here
 *   5 ConsumerGroupMemberMetadata        a member's subscription
 *   6 ConsumerGroupTargetAssignmentMetadata   group epoch that the target was made for
 *   7 ConsumerGroupTargetAssignmentMember     what a member shall hold
 *   8 ConsumerGroupCurrentMemberAssignment    what it holds, its epoch and state
 *  16 ConsumerGroupRegularExpression     which topics a pattern stands for
 * </pre>
 */
final class ConsumerRecords {

    private static final int VERSION = 0;

    private ConsumerRecords() {}

    static CoordinatorRecord epoch(String groupId, int epoch, long metadataHash) {
        return CoordinatorRecord.of(
                new ConsumerGroupMetadataKey().setGroupId(groupId),
                new ConsumerGroupMetadataValue().setEpoch(epoch).setMetadataHash(metadataHash),
                VERSION);
    }

    static CoordinatorRecord groupGone(String groupId) {
        return CoordinatorRecord.tombstone(new ConsumerGroupMetadataKey().setGroupId(groupId));
    }

    static CoordinatorRecord partitionMetadataGone(String groupId) {
        return CoordinatorRecord.tombstone(new ConsumerGroupPartitionMetadataKey().setGroupId(groupId));
    }

    static CoordinatorRecord member(String groupId, String memberId, Subscription subscription) {
        return CoordinatorRecord.of(
                new ConsumerGroupMemberMetadataKey().setGroupId(groupId).setMemberId(memberId),
                new ConsumerGroupMemberMetadataValue()
                        .setInstanceId(subscription.instanceId())
                        .setRackId(subscription.rackId())
                        .setClientId(subscription.clientId())
                        .setClientHost(subscription.clientHost())
                        .setSubscribedTopicNames(List.copyOf(subscription.topicNames()))
                        .setSubscribedTopicRegex(subscription.topicRegex())
                        .setRebalanceTimeoutMs(subscription.rebalanceTimeoutMs())
                        .setServerAssignor(subscription.serverAssignor())
                        .setClassicMemberMetadata(classic(subscription.classic())),
                VERSION);
    }

    private static ConsumerGroupMemberMetadataValue.@Nullable ClassicMemberMetadata classic(
            @Nullable ClassicTraits traits) {
        return traits == null
                ? null
                : new ConsumerGroupMemberMetadataValue.ClassicMemberMetadata()
                        .setSessionTimeoutMs(traits.sessionTimeoutMs())
                        .setSupportedProtocols(traits.protocols().stream()
                                .map(protocol -> new ConsumerGroupMemberMetadataValue.ClassicProtocol()
                                        .setName(protocol.name())
                                        .setMetadata(protocol.subscription()))
                                .toList());
    }

    private static @Nullable ClassicTraits read(
            ConsumerGroupMemberMetadataValue.@Nullable ClassicMemberMetadata value) {
        return value == null
                ? null
                : new ClassicTraits(
                        value.sessionTimeoutMs(),
                        value.supportedProtocols().stream()
                                .map(protocol -> new ClassicTraits.Protocol(protocol.name(), protocol.metadata()))
                                .toList());
    }

    static Subscription read(ConsumerGroupMemberMetadataValue value) {
        return new Subscription(
                value.instanceId(),
                value.rackId(),
                value.clientId(),
                value.clientHost(),
                new TreeSet<>(value.subscribedTopicNames()),
                value.subscribedTopicRegex(),
                value.rebalanceTimeoutMs(),
                value.serverAssignor(),
                read(value.classicMemberMetadata()));
    }

    static CoordinatorRecord targetEpoch(String groupId, int epoch, long nowMs) {
        return CoordinatorRecord.of(
                new ConsumerGroupTargetAssignmentMetadataKey().setGroupId(groupId),
                new ConsumerGroupTargetAssignmentMetadataValue()
                        .setAssignmentEpoch(epoch)
                        .setAssignmentTimestamp(nowMs),
                VERSION);
    }

    static CoordinatorRecord targetEpochGone(String groupId) {
        return CoordinatorRecord.tombstone(new ConsumerGroupTargetAssignmentMetadataKey().setGroupId(groupId));
    }

    static CoordinatorRecord target(String groupId, String memberId, NavigableSet<PartitionId> partitions) {
        ConsumerGroupTargetAssignmentMemberValue value = new ConsumerGroupTargetAssignmentMemberValue();
        byTopic(partitions).forEach((topicId, numbers) -> value.topicPartitions()
                .add(new ConsumerGroupTargetAssignmentMemberValue.TopicPartition()
                        .setTopicId(topicId)
                        .setPartitions(numbers)));
        return CoordinatorRecord.of(
                new ConsumerGroupTargetAssignmentMemberKey().setGroupId(groupId).setMemberId(memberId), value, VERSION);
    }

    static NavigableSet<PartitionId> read(ConsumerGroupTargetAssignmentMemberValue value) {
        NavigableSet<PartitionId> partitions = new TreeSet<>();
        value.topicPartitions().forEach(topic -> topic.partitions()
                .forEach(number -> partitions.add(new PartitionId(topic.topicId(), number))));
        return partitions;
    }

    static CoordinatorRecord holding(String groupId, String memberId, Holding holding) {
        return CoordinatorRecord.of(
                new ConsumerGroupCurrentMemberAssignmentKey()
                        .setGroupId(groupId)
                        .setMemberId(memberId),
                new ConsumerGroupCurrentMemberAssignmentValue()
                        .setMemberEpoch(holding.memberEpoch())
                        .setPreviousMemberEpoch(holding.previousEpoch())
                        .setState(holding.state().code())
                        .setAssignedPartitions(topics(holding.assigned()))
                        .setPartitionsPendingRevocation(topics(holding.revoking())),
                VERSION);
    }

    static Holding read(ConsumerGroupCurrentMemberAssignmentValue value) {
        return new Holding(
                value.memberEpoch(),
                value.previousMemberEpoch(),
                MemberState.of(value.state()),
                partitions(value.assignedPartitions(), value.memberEpoch()),
                partitions(value.partitionsPendingRevocation(), value.memberEpoch()));
    }

    private static List<ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions> topics(
            NavigableMap<PartitionId, Integer> held) {
        List<ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions> topics = new ArrayList<>();
        byTopic(held.keySet()).forEach((topicId, numbers) -> {
            List<Integer> epochs = new ArrayList<>(numbers.size());
            numbers.forEach(number -> epochs.add(held.get(new PartitionId(topicId, number))));
            topics.add(new ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions()
                    .setTopicId(topicId)
                    .setPartitions(numbers)
                    .setAssignmentEpochs(epochs));
        });
        return topics;
    }

    /** Brokers before 4.2 wrote no assignment epochs: then the member's epoch is the best that is known. */
    private static NavigableMap<PartitionId, Integer> partitions(
            List<ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions> topics, int memberEpoch) {
        NavigableMap<PartitionId, Integer> held = new TreeMap<>();
        for (ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions topic : topics) {
            List<Integer> epochs = topic.assignmentEpochs();
            for (int i = 0; i < topic.partitions().size(); i++) {
                int since = epochs != null && i < epochs.size() ? epochs.get(i) : memberEpoch;
                held.put(new PartitionId(topic.topicId(), topic.partitions().get(i)), since);
            }
        }
        return held;
    }

    /** In the order in which Kafka takes a member away. */
    static List<CoordinatorRecord> memberGone(String groupId, String memberId) {
        return List.of(
                CoordinatorRecord.tombstone(new ConsumerGroupCurrentMemberAssignmentKey()
                        .setGroupId(groupId)
                        .setMemberId(memberId)),
                CoordinatorRecord.tombstone(new ConsumerGroupTargetAssignmentMemberKey()
                        .setGroupId(groupId)
                        .setMemberId(memberId)),
                CoordinatorRecord.tombstone(
                        new ConsumerGroupMemberMetadataKey().setGroupId(groupId).setMemberId(memberId)));
    }

    static CoordinatorRecord regex(String groupId, String regex, ResolvedRegex resolved) {
        return CoordinatorRecord.of(
                new ConsumerGroupRegularExpressionKey().setGroupId(groupId).setRegularExpression(regex),
                new ConsumerGroupRegularExpressionValue()
                        .setTopics(List.copyOf(resolved.topics()))
                        .setVersion(resolved.version())
                        .setTimestamp(resolved.resolvedMs()),
                VERSION);
    }

    static CoordinatorRecord regexGone(String groupId, String regex) {
        return CoordinatorRecord.tombstone(
                new ConsumerGroupRegularExpressionKey().setGroupId(groupId).setRegularExpression(regex));
    }

    static ResolvedRegex read(ConsumerGroupRegularExpressionValue value) {
        return new ResolvedRegex(new TreeSet<>(value.topics()), value.version(), value.timestamp());
    }

    private static Map<Uuid, List<Integer>> byTopic(Collection<PartitionId> partitions) {
        Map<Uuid, List<Integer>> topics = new TreeMap<>();
        partitions.forEach(partition -> topics.computeIfAbsent(partition.topicId(), topic -> new ArrayList<>())
                .add(partition.partition()));
        return topics;
    }
}
