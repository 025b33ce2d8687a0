// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.tailrace.cluster.group.Group;
import java.util.Set;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Who is let in: all the reasons to turn a heartbeat down, looked at before anything is written. Null means none. */
final class Admission {

    private final ConsumerRules rules;
    private final Migration migration;

    Admission(ConsumerRules rules, Migration migration) {
        this.rules = rules;
        this.migration = migration;
    }

    /** What is wrong with the request by itself. */
    static @Nullable Refusal malformed(ConsumerRequest.Heartbeat beat) {
        if (beat.groupId().isBlank()) {
            return invalid("GroupId can't be empty.");
        }
        if (beat.memberId().isBlank() && (beat.freshId().isEmpty() || !beat.joins())) {
            return invalid("MemberId can't be empty.");
        }
        if (beat.instanceId() != null && beat.instanceId().isBlank()) {
            return invalid("InstanceId can't be empty.");
        }
        if (beat.rackId() != null && beat.rackId().isBlank()) {
            return invalid("RackId can't be empty.");
        }
        if (beat.memberEpoch() < ConsumerRequest.STATIC_LEAVE_EPOCH) {
            return invalid("MemberEpoch is invalid.");
        }
        if (beat.memberEpoch() == ConsumerRequest.STATIC_LEAVE_EPOCH && beat.instanceId() == null) {
            return invalid("InstanceId can't be null.");
        }
        if (beat.joins()) {
            Refusal incomplete = incomplete(beat);
            if (incomplete != null) {
                return incomplete;
            }
        }
        String assignor = beat.serverAssignor();
        if (assignor != null && Assignors.find(assignor).isEmpty()) {
            return new Refusal(
                    Errors.UNSUPPORTED_ASSIGNOR,
                    "ServerAssignor " + assignor + " is not supported. Supported assignors: " + Assignors.names()
                            + ".");
        }
        return null;
    }

    private static @Nullable Refusal incomplete(ConsumerRequest.Heartbeat join) {
        if (join.rebalanceTimeoutMs() == -1) {
            return invalid("RebalanceTimeoutMs must be provided in first request.");
        }
        if (join.owned() == null || !join.owned().isEmpty()) {
            return invalid("TopicPartitions must be empty when (re-)joining.");
        }
        if (join.topicNames() == null && join.topicRegex() == null) {
            return invalid("Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.");
        }
        return null;
    }

    /** Why this group does not take this heartbeat of somebody who does not leave. */
    @Nullable
    Refusal refusal(ConsumerRequest.Heartbeat beat, String memberId, @Nullable Group existing) {
        if (!(existing instanceof ConsumerGroup group)) {
            Refusal elsewhere =
                    beat.joins() ? foundingRefusal(beat, existing) : notFound(beat.groupId(), existing != null);
            return elsewhere == null ? badRegex(beat, null) : elsewhere;
        }
        if (group.size() >= rules.maxSize() && group.member(memberId) == null) {
            return full(rules.maxSize());
        }
        Refusal identity = beat.instanceId() == null
                ? dynamicRefusal(beat, group.member(memberId))
                : staticRefusal(beat, memberId, group.staticMember(beat.instanceId()));
        return identity == null ? badRegex(beat, group) : identity;
    }

    private @Nullable Refusal foundingRefusal(ConsumerRequest.Heartbeat join, @Nullable Group existing) {
        return existing == null || replaceable(existing) ? null : migration.upgradeRefusal(existing, join);
    }

    static Refusal full(int maxSize) {
        return new Refusal(
                Errors.GROUP_MAX_SIZE_REACHED,
                "The consumer group has reached its maximum capacity of " + maxSize + " members.");
    }

    /** An empty classic group gives way; what it committed stays with the id. */
    static boolean replaceable(Group existing) {
        return existing.type() == GroupType.CLASSIC && existing.isEmpty();
    }

    static Refusal notFound(String groupId, boolean otherKind) {
        return new Refusal(
                Errors.GROUP_ID_NOT_FOUND,
                otherKind ? "Group " + groupId + " is not a consumer group." : "Group " + groupId + " not found.");
    }

    private static @Nullable Refusal dynamicRefusal(ConsumerRequest.Heartbeat beat, @Nullable ConsumerMember member) {
        if (member == null) {
            return beat.joins() ? null : unknown("Member " + beat.memberId() + " is not a member of the group.");
        }
        return fenced(beat, member.holding());
    }

    private static @Nullable Refusal staticRefusal(
            ConsumerRequest.Heartbeat beat, String memberId, @Nullable ConsumerMember owner) {
        if (owner == null) {
            return beat.joins() ? null : unknown("Instance id " + beat.instanceId() + " is unknown.");
        }
        if (owner.memberId().equals(memberId)) {
            return fenced(beat, owner.holding());
        }
        if (!beat.joins()) {
            return fencedInstance(memberId, owner);
        }
        if (owner.holding().memberEpoch() != ConsumerRequest.STATIC_LEAVE_EPOCH
                && !owner.subscription().usesClassic()) {
            return new Refusal(
                    Errors.UNRELEASED_INSTANCE_ID,
                    "Static member " + memberId + " with instance id " + beat.instanceId()
                            + " cannot join the group because the instance id is owned by " + owner.memberId()
                            + " member.");
        }
        return null;
    }

    static Refusal unknown(String message) {
        return new Refusal(Errors.UNKNOWN_MEMBER_ID, message);
    }

    static Refusal fencedInstance(String memberId, ConsumerMember owner) {
        return new Refusal(
                Errors.FENCED_INSTANCE_ID,
                "Static member " + memberId + " with instance id "
                        + owner.subscription().instanceId() + " was fenced by member " + owner.memberId() + ".");
    }

    /** A join is never fenced; else the epoch must be the member's, or the one before if only the answer was lost. */
    private static @Nullable Refusal fenced(ConsumerRequest.Heartbeat beat, Holding holding) {
        if (beat.joins()) {
            return null;
        }
        int epoch = beat.memberEpoch();
        boolean lostAnswer = epoch < holding.memberEpoch()
                && epoch == holding.previousEpoch()
                && beat.owned() != null
                && holding.partitions().containsAll(beat.owned());
        boolean readable = holding.state() != MemberState.UNKNOWN || Set.of().equals(beat.owned());
        if (readable && (epoch == holding.memberEpoch() || lostAnswer)) {
            return null;
        }
        return new Refusal(
                Errors.FENCED_MEMBER_EPOCH,
                "The consumer group member has a " + (epoch > holding.memberEpoch() ? "greater" : "smaller")
                        + " member epoch (" + epoch + ") than the one known by the group coordinator ("
                        + holding.memberEpoch() + "). The member must abandon all its partitions and rejoin.");
    }

    private static @Nullable Refusal badRegex(ConsumerRequest.Heartbeat beat, @Nullable ConsumerGroup group) {
        String regex = beat.topicRegex();
        if (regex == null
                || regex.isEmpty()
                || (group != null && group.regexes().containsKey(regex))) {
            return null;
        }
        try {
            Pattern.compile(regex);
            return null;
        } catch (PatternSyntaxException bad) {
            return new Refusal(
                    Errors.INVALID_REGULAR_EXPRESSION,
                    "SubscribedTopicRegex `" + regex + "` is not a valid regular expression: " + bad.getDescription()
                            + ".");
        }
    }

    private static Refusal invalid(String message) {
        return new Refusal(Errors.INVALID_REQUEST, message);
    }
}
