// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import io.tailrace.cluster.coordinator.Turn;
import io.tailrace.cluster.group.GroupAnswer;
import io.tailrace.cluster.group.GroupFollowUp;
import io.tailrace.cluster.group.GroupRequest;
import io.tailrace.cluster.group.GroupTable;
import io.tailrace.cluster.group.classic.ClassicRequest;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Serves members of a consumer group that speak the classic protocol, while the group is on its way from the one to the other.
 *
 * <pre>
 *   JoinGroup   a heartbeat that says everything; answered at once with the member's epoch as generation, and no leader
 *   SyncGroup   fetches what the member may own
 *   Heartbeat   says that it lives, and hears REBALANCE_IN_PROGRESS when joining again would bring it further
 *   LeaveGroup  takes members out, of either protocol
 * </pre>
 *
 * <p>There are no rounds and nobody waits for anybody: each member joins again as often as reconciling takes. It is thrown out if it does
 * not within its rebalance timeout, or does not ask for its assignment after it has.
 */
final class ClassicMembers {

    private static final String PROTOCOL_TYPE = "consumer";

    private final ConsumerRules rules;
    private final GroupTable groups;
    private final Topics topics;
    private final Steps steps;
    private final Migration migration;

    ClassicMembers(ConsumerRules rules, GroupTable groups, Topics topics, Steps steps, Migration migration) {
        this.rules = rules;
        this.groups = groups;
        this.topics = topics;
        this.steps = steps;
        this.migration = migration;
    }

    /** All of the classic protocol; describing a consumer group the classic way is not part of it. */
    static boolean serves(GroupRequest request) {
        return request instanceof ClassicRequest && !(request instanceof ClassicRequest.Describe);
    }

    GroupAnswer decide(ClassicRequest request, Turn<GroupAnswer, GroupFollowUp> turn) {
        ConsumerGroup group =
                groups.find(request.groupId(), ConsumerGroup.class).orElseThrow();
        return switch (request) {
            case ClassicRequest.Join join -> join(group, join, turn);
            case ClassicRequest.Sync sync -> sync(group, sync, turn);
            case ClassicRequest.Heartbeat beat -> new ClassicRequest.Beaten(beat(group, beat, turn));
            case ClassicRequest.Leave leave -> leave(group, leave, turn);
            case ClassicRequest.Disconnected gone -> disconnected(group, gone, turn);
            case ClassicRequest.Describe describe -> throw new IllegalArgumentException("not served: " + describe);
        };
    }

    private ClassicRequest.Joined join(
            ConsumerGroup group, ClassicRequest.Join join, Turn<GroupAnswer, GroupFollowUp> turn) {
        String memberId = join.memberId().isEmpty() ? newId(join) : join.memberId();
        EmbeddedProtocol.Subscribed said = subscription(join).orElse(null);
        Errors refusal = joinRefusal(group, join, memberId);
        if (refusal != Errors.NONE || said == null) {
            return ClassicRequest.Joined.refused(
                    refusal == Errors.NONE ? Errors.INCONSISTENT_GROUP_PROTOCOL : refusal, join.memberId());
        }
        if (join.memberId().isEmpty() && join.instanceId() == null && join.askForId()) {
            // Nothing is kept of the id: whoever joins with an id that nobody has is a new member.
            return ClassicRequest.Joined.refused(Errors.MEMBER_ID_REQUIRED, memberId);
        }
        ConsumerMember owner = join.instanceId() == null ? null : group.staticMember(join.instanceId());
        ConsumerMember before = owner == null || owner.memberId().equals(memberId)
                ? group.member(memberId)
                : steps.replace(group, owner, memberId, turn);
        Subscription former = before == null ? Subscription.NONE : before.subscription();
        boolean changed = steps.refresh(group.groupId(), memberId, before, former.joined(join, said), null, turn);
        steps.retarget(group, turn);
        // It has taken over all that the last round gave it before it joins another.
        Holding holds = steps.reconcile(group, memberId, new Reconciler.Report(said.owned(), true), changed, turn);
        expectSync(group, memberId, turn);
        if (migration.downgrades(group, Set.of()) && !former.usesClassic() && before != null) {
            // The last member of the consumer protocol became, or was replaced by, this one.
            migration.downgrade(group, Set.of(), turn);
        }
        return new ClassicRequest.Joined(
                Errors.NONE,
                holds.memberEpoch(),
                PROTOCOL_TYPE,
                join.protocols().get(0).name(),
                "",
                false,
                memberId,
                List.of());
    }

    private static String newId(ClassicRequest.Join join) {
        String prefix = join.instanceId() == null ? join.client().id() : Objects.requireNonNull(join.instanceId());
        return prefix + '-' + join.freshId();
    }

    /** The same for each protocol that the member offers, so the first one will do; empty if it cannot be read. */
    private Optional<EmbeddedProtocol.Subscribed> subscription(ClassicRequest.Join join) {
        return join.protocols().isEmpty()
                ? Optional.empty()
                : EmbeddedProtocol.subscription(join.protocols().get(0).metadata(), topics);
    }

    private Errors joinRefusal(ConsumerGroup group, ClassicRequest.Join join, String memberId) {
        Errors malformed = migration.classic().refusal(join);
        if (malformed != Errors.NONE) {
            return malformed;
        }
        if (group.size() >= rules.maxSize() && group.member(memberId) == null) {
            return Errors.GROUP_MAX_SIZE_REACHED;
        }
        List<String> names =
                join.protocols().stream().map(ClassicRequest.Protocol::name).toList();
        if (!join.protocolType().equals(PROTOCOL_TYPE) || !group.sharesProtocol(names)) {
            return Errors.INCONSISTENT_GROUP_PROTOCOL;
        }
        return join.instanceId() == null || join.memberId().isEmpty()
                ? Errors.NONE
                : identify(group, join.memberId(), join.instanceId()).error();
    }

    private void expectSync(ConsumerGroup group, String memberId, Turn<GroupAnswer, GroupFollowUp> turn) {
        ConsumerMember member = Objects.requireNonNull(group.member(memberId));
        group.forgetJoinDeadline(memberId);
        turn.cancelTimer(new ConsumerTimer.Join(group.groupId(), memberId));
        steps.keepAlive(group, member, turn);
        turn.setTimer(
                new ConsumerTimer.Sync(group.groupId(), memberId), turn.nowMs() + Steps.rebalanceTimeoutMs(member));
    }

    /** Who speaks, or why not. */
    private record Speaker(Errors error, @Nullable ConsumerMember member) {}

    private static Speaker identify(ConsumerGroup group, String memberId, @Nullable String instanceId) {
        ConsumerMember member = instanceId == null ? group.member(memberId) : group.staticMember(instanceId);
        if (member == null) {
            return new Speaker(Errors.UNKNOWN_MEMBER_ID, null);
        }
        return member.memberId().equals(memberId)
                ? new Speaker(Errors.NONE, member)
                : new Speaker(Errors.FENCED_INSTANCE_ID, null);
    }

    /** A classic member in the generation that it thinks it is in. */
    private static Speaker identify(ConsumerGroup group, String memberId, @Nullable String instanceId, int generation) {
        Speaker speaker = identify(group, memberId, instanceId);
        ConsumerMember member = speaker.member();
        if (member == null) {
            return speaker;
        }
        if (!member.subscription().usesClassic()) {
            return new Speaker(Errors.UNKNOWN_MEMBER_ID, null);
        }
        return generation == member.holding().memberEpoch() ? speaker : new Speaker(Errors.ILLEGAL_GENERATION, null);
    }

    private ClassicRequest.Synced sync(
            ConsumerGroup group, ClassicRequest.Sync sync, Turn<GroupAnswer, GroupFollowUp> turn) {
        Speaker speaker = identify(group, sync.memberId(), sync.instanceId(), sync.generation());
        ConsumerMember member = speaker.member();
        if (member == null) {
            return ClassicRequest.Synced.refused(speaker.error());
        }
        ClassicTraits.Protocol protocol = Objects.requireNonNull(
                        member.subscription().classic())
                .protocols()
                .get(0);
        boolean consistent = (sync.protocolType() == null || sync.protocolType().equals(PROTOCOL_TYPE))
                && (sync.protocolName() == null || sync.protocolName().equals(protocol.name()));
        if (!consistent) {
            return ClassicRequest.Synced.refused(Errors.INCONSISTENT_GROUP_PROTOCOL);
        }
        // A member that has to give something back must first hear what it may keep.
        if (isBehind(group, member) && member.holding().state() != MemberState.UNREVOKED_PARTITIONS) {
            expectJoin(group, member, turn);
            return ClassicRequest.Synced.refused(Errors.REBALANCE_IN_PROGRESS);
        }
        turn.cancelTimer(new ConsumerTimer.Sync(group.groupId(), member.memberId()));
        steps.keepAlive(group, member, turn);
        return new ClassicRequest.Synced(
                Errors.NONE,
                PROTOCOL_TYPE,
                protocol.name(),
                EmbeddedProtocol.assignment(member.holding().partitions(), protocol.subscription(), topics));
    }

    private Errors beat(ConsumerGroup group, ClassicRequest.Heartbeat beat, Turn<GroupAnswer, GroupFollowUp> turn) {
        Speaker speaker = identify(group, beat.memberId(), beat.instanceId(), beat.generation());
        ConsumerMember member = speaker.member();
        if (member == null) {
            return speaker.error();
        }
        steps.noticeTopics(group, turn);
        steps.keepAlive(group, member, turn);
        boolean further =
                switch (member.holding().state()) {
                    case UNREVOKED_PARTITIONS -> true;
                    case UNRELEASED_PARTITIONS -> isBehind(group, member) || !waitsForOthers(group, member);
                    case STABLE, UNKNOWN -> isBehind(group, member);
                };
        if (further) {
            expectJoin(group, member, turn);
        }
        return further ? Errors.REBALANCE_IN_PROGRESS : Errors.NONE;
    }

    private static boolean isBehind(ConsumerGroup group, ConsumerMember member) {
        return member.holding().memberEpoch() < group.epoch();
    }

    private static boolean waitsForOthers(ConsumerGroup group, ConsumerMember member) {
        return group.target(member.memberId()).stream()
                .anyMatch(partition -> group.heldByOthers(partition, member.memberId()));
    }

    private static void expectJoin(ConsumerGroup group, ConsumerMember member, Turn<GroupAnswer, GroupFollowUp> turn) {
        long byMs = group.joinDeadlineMs(member.memberId(), turn.nowMs() + Steps.rebalanceTimeoutMs(member));
        turn.setTimer(new ConsumerTimer.Join(group.groupId(), member.memberId()), byMs);
    }

    /** Members of the consumer protocol too: an administrator may remove any static member by its instance id. */
    private ClassicRequest.Left leave(
            ConsumerGroup group, ClassicRequest.Leave leave, Turn<GroupAnswer, GroupFollowUp> turn) {
        List<Errors> errors = new ArrayList<>(leave.leavers().size());
        Set<ConsumerMember> leaving = new LinkedHashSet<>();
        for (ClassicRequest.Leaver leaver : leave.leavers()) {
            ConsumerMember named =
                    leaver.instanceId() != null && leaver.memberId().isEmpty()
                            ? group.staticMember(leaver.instanceId())
                            : null;
            Speaker speaker = named == null
                    ? identify(group, leaver.memberId(), leaver.instanceId())
                    : new Speaker(Errors.NONE, named);
            errors.add(speaker.error());
            if (speaker.member() != null) {
                leaving.add(speaker.member());
            }
        }
        steps.remove(group, leaving, turn);
        return new ClassicRequest.Left(Errors.NONE, errors);
    }

    /** Its next heartbeat puts the session right again. */
    private ClassicRequest.Beaten disconnected(
            ConsumerGroup group, ClassicRequest.Disconnected gone, Turn<GroupAnswer, GroupFollowUp> turn) {
        ConsumerMember member = group.member(gone.memberId());
        if (member != null && !member.subscription().isStatic()) {
            long graceMs = Math.min(gone.graceMs(), steps.sessionTimeoutMs(group, member));
            turn.setTimer(new ConsumerTimer.Session(group.groupId(), member.memberId()), turn.nowMs() + graceMs);
        }
        return new ClassicRequest.Beaten(Errors.NONE);
    }
}
