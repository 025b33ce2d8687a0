// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import io.tailrace.cluster.coordinator.CoordinatorRecord;
import io.tailrace.cluster.coordinator.TimerKey;
import io.tailrace.cluster.coordinator.Turn;
import io.tailrace.cluster.group.Group;
import io.tailrace.cluster.group.GroupAnswer;
import io.tailrace.cluster.group.GroupFollowUp;
import io.tailrace.cluster.group.GroupKind;
import io.tailrace.cluster.group.GroupRequest;
import io.tailrace.cluster.group.GroupTable;
import io.tailrace.cluster.group.classic.ClassicRequest;
import io.tailrace.cluster.group.classic.Handover;
import io.tailrace.cluster.metadata.ClusterImage;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
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

/**
 * Consumer groups (KIP-848): takes their records in, hands heartbeats on to {@link Heartbeats} and the requests of members that speak the
 * classic protocol to {@link ClassicMembers}, and lets timers remove the silent and the slow.
 *
 * <p>An empty classic group gives way to the first member of the consumer protocol that joins under its id; its offsets stay. A live one
 * becomes a consumer group, and one day a classic group again: see {@link Migration}.
 */
public final class ConsumerKind implements GroupKind {

    /** Something of this group was written; if that is refused, what was kept beside the log must be forgotten. */
    record Changed(String groupId) implements GroupFollowUp {}

    private final GroupTable groups;
    private final Topics topics;
    private final Steps steps;
    private final Heartbeats heartbeats;
    private final ClassicMembers classicMembers;

    /**
     * @param classic where live groups come from and go to when they change their protocol
     * @param image the newest cluster image that this node knows
     */
    public ConsumerKind(ConsumerRules rules, GroupTable groups, Handover classic, Supplier<ClusterImage> image) {
        this.groups = groups;
        this.topics = new Topics(image);
        Migration migration = new Migration(rules, topics, classic);
        this.steps = new Steps(rules, groups, topics, migration);
        this.heartbeats = new Heartbeats(rules, groups, topics, steps, migration);
        this.classicMembers = new ClassicMembers(rules, groups, topics, steps, migration);
    }

    Topics topics() {
        return topics;
    }

    @Override
    public boolean serves(GroupRequest request) {
        return request instanceof ConsumerRequest || ClassicMembers.serves(request);
    }

    @Override
    public void decide(GroupRequest request, long ticket, Turn<GroupAnswer, GroupFollowUp> turn) {
        GroupAnswer answer =
                switch (request) {
                    case ConsumerRequest.Heartbeat beat -> beat(beat, turn);
                    case ConsumerRequest.Describe describe -> describe(describe.groupId());
                    case ClassicRequest of -> classicMembers.decide(of, turn);
                    default -> throw new IllegalArgumentException("not served: " + request.getClass());
                };
        turn.reply(ticket, answer);
    }

    private ConsumerRequest.Beaten beat(ConsumerRequest.Heartbeat beat, Turn<GroupAnswer, GroupFollowUp> turn) {
        Refusal malformed = Admission.malformed(beat);
        if (malformed != null) {
            return ConsumerRequest.Beaten.refused(malformed);
        }
        return beat.memberEpoch() < 0 ? heartbeats.leave(beat, turn) : heartbeats.beat(beat, turn);
    }

    private ConsumerRequest.Described describe(String groupId) {
        return find(groupId)
                .map(group -> new ConsumerRequest.Described(
                        Errors.NONE,
                        null,
                        group.stateName(),
                        group.epoch(),
                        group.targetEpoch(),
                        group.assignor().name(),
                        group.members().stream()
                                .map(member -> new ConsumerRequest.DescribedMember(
                                        member.memberId(),
                                        member.subscription(),
                                        member.holding().memberEpoch(),
                                        member.holding().partitions(),
                                        group.target(member.memberId())))
                                .toList()))
                .orElseGet(() -> {
                    Refusal refusal = Admission.notFound(groupId, groups.get(groupId) != null);
                    return new ConsumerRequest.Described(refusal.error(), refusal.message(), "", 0, 0, "", List.of());
                });
    }

    private Optional<ConsumerGroup> find(String groupId) {
        return groups.find(groupId, ConsumerGroup.class);
    }

    @Override
    public boolean owns(ApiMessage recordKey) {
        return groupOf(recordKey).isPresent();
    }

    private static Optional<String> groupOf(ApiMessage recordKey) {
        return switch (recordKey) {
            case ConsumerGroupMetadataKey key -> Optional.of(key.groupId());
            case ConsumerGroupPartitionMetadataKey key -> Optional.of(key.groupId());
            case ConsumerGroupMemberMetadataKey key -> Optional.of(key.groupId());
            case ConsumerGroupTargetAssignmentMetadataKey key -> Optional.of(key.groupId());
            case ConsumerGroupTargetAssignmentMemberKey key -> Optional.of(key.groupId());
            case ConsumerGroupCurrentMemberAssignmentKey key -> Optional.of(key.groupId());
            case ConsumerGroupRegularExpressionKey key -> Optional.of(key.groupId());
            default -> Optional.empty();
        };
    }

    @Override
    public void apply(CoordinatorRecord record) {
        String groupId = groupOf(record.key()).orElseThrow();
        if (record.value() == null) {
            find(groupId).ifPresent(group -> remove(group, record.key()));
        } else {
            put(findOrCreate(groupId), record.key(), record.value());
        }
    }

    /** Compaction keeps no order between keys: any record of a group may be the first of it, and it ends one of another kind. */
    private ConsumerGroup findOrCreate(String groupId) {
        return find(groupId).orElseGet(() -> {
            ConsumerGroup group = new ConsumerGroup(groupId, this, groups.journal());
            groups.put(group);
            return group;
        });
    }

    private static void put(ConsumerGroup group, ApiMessage recordKey, ApiMessage recordValue) {
        switch (recordValue) {
            case ConsumerGroupMetadataValue value -> group.setEpoch(value.epoch(), value.metadataHash());
            case ConsumerGroupTargetAssignmentMetadataValue value ->
                group.setTargetEpoch(value.assignmentEpoch(), value.assignmentTimestamp());
            case ConsumerGroupMemberMetadataValue value ->
                group.setSubscription(
                        ((ConsumerGroupMemberMetadataKey) recordKey).memberId(), ConsumerRecords.read(value));
            case ConsumerGroupTargetAssignmentMemberValue value ->
                group.setTarget(
                        ((ConsumerGroupTargetAssignmentMemberKey) recordKey).memberId(), ConsumerRecords.read(value));
            case ConsumerGroupCurrentMemberAssignmentValue value ->
                group.setHolding(
                        ((ConsumerGroupCurrentMemberAssignmentKey) recordKey).memberId(), ConsumerRecords.read(value));
            case ConsumerGroupRegularExpressionValue value ->
                group.setRegex(
                        ((ConsumerGroupRegularExpressionKey) recordKey).regularExpression(),
                        ConsumerRecords.read(value));
            default -> group.setHasPartitionMetadata(true);
        }
    }

    private void remove(ConsumerGroup group, ApiMessage recordKey) {
        switch (recordKey) {
            case ConsumerGroupMetadataKey key -> groups.remove(key.groupId());
            case ConsumerGroupTargetAssignmentMetadataKey key -> group.setTargetEpoch(0, 0);
            case ConsumerGroupMemberMetadataKey key -> group.removeMember(key.memberId());
            case ConsumerGroupTargetAssignmentMemberKey key -> group.setTarget(key.memberId(), null);
            case ConsumerGroupCurrentMemberAssignmentKey key -> group.removeHolding(key.memberId());
            case ConsumerGroupRegularExpressionKey key -> group.setRegex(key.regularExpression(), null);
            default -> group.setHasPartitionMetadata(false);
        }
    }

    @Override
    public boolean owns(TimerKey timer) {
        return timer instanceof ConsumerTimer;
    }

    @Override
    public void onTimer(TimerKey timer, Turn<GroupAnswer, GroupFollowUp> turn) {
        ConsumerTimer fired = (ConsumerTimer) timer;
        find(fired.groupId()).ifPresent(group -> {
            ConsumerMember member = group.member(fired.memberId());
            if (member != null && overdue(fired, member)) {
                steps.remove(group, List.of(member), turn);
            }
        });
    }

    private static boolean overdue(ConsumerTimer fired, ConsumerMember member) {
        return switch (fired) {
            case ConsumerTimer.Session session -> true;
            case ConsumerTimer.Revocation revocation -> Steps.awaitsRevocation(member);
            case ConsumerTimer.Join join -> member.subscription().usesClassic();
            case ConsumerTimer.Sync sync -> member.subscription().usesClassic();
        };
    }

    @Override
    public boolean owns(GroupFollowUp followUp) {
        return followUp instanceof Changed;
    }

    @Override
    public void onRefused(GroupFollowUp followUp, Errors error, Turn<GroupAnswer, GroupFollowUp> turn) {
        find(((Changed) followUp).groupId()).ifPresent(group -> {
            group.seen().forget();
            group.members().forEach(member -> steps.arm(group, member, turn));
        });
    }

    @Override
    public void onLoaded(Turn<GroupAnswer, GroupFollowUp> turn) {
        for (Group each : groups.sorted()) {
            if (each instanceof ConsumerGroup group) {
                group.members().forEach(member -> steps.arm(group, member, turn));
            }
        }
    }
}
