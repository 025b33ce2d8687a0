// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.classic;

import io.tailrace.cluster.coordinator.CoordinatorRecord;
import io.tailrace.cluster.coordinator.TimerKey;
import io.tailrace.cluster.coordinator.Turn;
import io.tailrace.cluster.group.Group;
import io.tailrace.cluster.group.GroupAnswer;
import io.tailrace.cluster.group.GroupFollowUp;
import io.tailrace.cluster.group.GroupKind;
import io.tailrace.cluster.group.GroupRequest;
import io.tailrace.cluster.group.GroupRules;
import io.tailrace.cluster.group.GroupTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;

/**
 * The classic group protocol (JoinGroup, SyncGroup, Heartbeat, LeaveGroup), for any protocol type. {@link Joins} decides who comes in, {@link
 * Rounds} how a rebalance goes; what members and leaders send one another is opaque here.
 *
 * <p>A generation is in the log from the moment that its assignment is: one {@code GroupMetadataValue} for each completed round, one when
 * the last member has left, and one when a static member came back under a new id. After a change of coordinator the group is what the last
 * of these says; whoever was in a round joins again.
 */
public final class ClassicKind implements GroupKind {

    /** The assignment of this generation is durable, or was refused. */
    record AssignmentStored(String groupId, int generation) implements GroupFollowUp {}

    /** The group was given up to another kind; if that is refused, it goes on. */
    record Released(String groupId) implements GroupFollowUp {}

    private final GroupRules rules;
    private final GroupTable groups;
    private final Rounds rounds;
    private final Joins joins;
    private final Handover handover;

    public ClassicKind(GroupRules rules, GroupTable groups) {
        this.rules = rules;
        this.groups = groups;
        this.rounds = new Rounds(rules);
        this.joins = new Joins(rules, rounds);
        this.handover = new Handover(rules, groups, this, rounds, joins);
    }

    /** For the kind that live groups migrate to and from. */
    public Handover handover() {
        return handover;
    }

    /** A classic group without members, not in the table yet. */
    public Group newGroup(String groupId) {
        return new ClassicGroup(groupId, this, groups.journal());
    }

    Rounds rounds() {
        return rounds;
    }

    @Override
    public boolean serves(GroupRequest request) {
        return request instanceof ClassicRequest;
    }

    @Override
    public void decide(GroupRequest request, long ticket, Turn<GroupAnswer, GroupFollowUp> turn) {
        switch ((ClassicRequest) request) {
            case ClassicRequest.Join join -> join(join, ticket, turn);
            case ClassicRequest.Sync sync -> sync(sync, ticket, turn);
            case ClassicRequest.Heartbeat beat ->
                turn.replyNow(ticket, new ClassicRequest.Beaten(heartbeat(beat, turn)));
            case ClassicRequest.Leave leave -> turn.replyNow(ticket, leave(leave, turn));
            case ClassicRequest.Disconnected gone -> {
                disconnected(gone, turn);
                turn.replyNow(ticket, new ClassicRequest.Beaten(Errors.NONE));
            }
            case ClassicRequest.Describe describe -> turn.reply(ticket, describe(describe.groupId()));
        }
    }

    private Optional<ClassicGroup> find(String groupId) {
        return groups.find(groupId, ClassicGroup.class);
    }

    private void join(ClassicRequest.Join join, long ticket, Turn<GroupAnswer, GroupFollowUp> turn) {
        Errors refusal = joins.refusal(join);
        Group existing = groups.get(join.groupId());
        if (refusal == Errors.NONE && existing == null && !join.memberId().isEmpty()) {
            refusal = Errors.UNKNOWN_MEMBER_ID;
        }
        if (refusal == Errors.NONE && existing != null && !(existing instanceof ClassicGroup)) {
            refusal = Errors.INCONSISTENT_GROUP_PROTOCOL;
        }
        if (refusal != Errors.NONE) {
            Joins.refuse(refusal, join.memberId(), ticket, turn);
            return;
        }
        if (existing instanceof ClassicGroup group) {
            joins.join(group, join, ticket, turn);
            return;
        }
        ClassicGroup group = new ClassicGroup(join.groupId(), this, groups.journal());
        if (group.admits(join.protocolType(), join.protocols())) {
            groups.put(group);
        }
        joins.join(group, join, ticket, turn);
    }

    private void sync(ClassicRequest.Sync sync, long ticket, Turn<GroupAnswer, GroupFollowUp> turn) {
        ClassicGroup group = find(sync.groupId()).orElse(null);
        ClassicMember member = group == null ? null : group.member(sync.memberId());
        Errors refusal = group == null ? Errors.UNKNOWN_MEMBER_ID : syncRefusal(group, sync);
        if (group == null || member == null || refusal != Errors.NONE) {
            turn.replyNow(ticket, ClassicRequest.Synced.refused(refusal));
            return;
        }
        group.unsynced().remove(sync.memberId());
        if (group.state() == ClassicState.STABLE) {
            rounds.keepAlive(group, sync.memberId(), turn);
            // The assignment is durable, or this state would not be Stable.
            turn.replyNow(ticket, synced(group, member));
            return;
        }
        long earlier = member.takeSync();
        if (earlier >= 0) {
            turn.replyNow(earlier, ClassicRequest.Synced.refused(Errors.UNKNOWN_MEMBER_ID));
        }
        member.parkSync(ticket);
        if (group.isLeader(sync.memberId()) && !group.storingAssignment()) {
            store(group, sync, turn);
        }
    }

    private static Errors syncRefusal(ClassicGroup group, ClassicRequest.Sync sync) {
        Errors identity = group.identify(sync.memberId(), sync.instanceId());
        if (identity != Errors.NONE) {
            return identity;
        }
        if (sync.generation() != group.generation()) {
            return Errors.ILLEGAL_GENERATION;
        }
        boolean consistent = (sync.protocolType() == null || sync.protocolType().equals(group.protocolType()))
                && (sync.protocolName() == null || sync.protocolName().equals(group.protocolName()));
        if (!consistent) {
            return Errors.INCONSISTENT_GROUP_PROTOCOL;
        }
        return switch (group.state()) {
            case EMPTY -> Errors.UNKNOWN_MEMBER_ID;
            case PREPARING_REBALANCE -> Errors.REBALANCE_IN_PROGRESS;
            case COMPLETING_REBALANCE, STABLE -> Errors.NONE;
        };
    }

    /** Writes the leader's assignment; a member that the leader forgot gets an empty one. */
    private void store(ClassicGroup group, ClassicRequest.Sync sync, Turn<GroupAnswer, GroupFollowUp> turn) {
        for (ClassicMember member : group.members()) {
            member.assign(sync.assignments().getOrDefault(member.memberId(), ClassicMember.NOTHING));
        }
        group.setStoringAssignment(true);
        turn.persist(ClassicSnapshot.record(group, turn.nowMs()));
        turn.followUp(new AssignmentStored(group.groupId(), group.generation()));
    }

    private static ClassicRequest.Synced synced(ClassicGroup group, ClassicMember member) {
        return new ClassicRequest.Synced(Errors.NONE, group.protocolType(), group.protocolName(), member.assignment());
    }

    private Errors heartbeat(ClassicRequest.Heartbeat beat, Turn<GroupAnswer, GroupFollowUp> turn) {
        ClassicGroup group = find(beat.groupId()).orElse(null);
        if (group == null) {
            return Errors.UNKNOWN_MEMBER_ID;
        }
        Errors identity = group.identify(beat.memberId(), beat.instanceId());
        if (identity != Errors.NONE) {
            return identity;
        }
        if (beat.generation() != group.generation()) {
            return Errors.ILLEGAL_GENERATION;
        }
        return switch (group.state()) {
            case EMPTY -> Errors.UNKNOWN_MEMBER_ID;
            case PREPARING_REBALANCE -> {
                rounds.keepAlive(group, beat.memberId(), turn);
                yield Errors.REBALANCE_IN_PROGRESS;
            }
            case COMPLETING_REBALANCE, STABLE -> {
                rounds.keepAlive(group, beat.memberId(), turn);
                yield Errors.NONE;
            }
        };
    }

    private ClassicRequest.Left leave(ClassicRequest.Leave leave, Turn<GroupAnswer, GroupFollowUp> turn) {
        ClassicGroup group = find(leave.groupId()).orElse(null);
        if (group == null) {
            return new ClassicRequest.Left(Errors.UNKNOWN_MEMBER_ID, List.of());
        }
        List<Errors> errors = new ArrayList<>(leave.leavers().size());
        leave.leavers().forEach(leaver -> errors.add(leave(group, leaver, turn)));
        if (errors.contains(Errors.NONE)) {
            if (group.state() == ClassicState.PREPARING_REBALANCE) {
                rounds.completeIfAllJoined(group, turn);
            } else if (group.state() != ClassicState.EMPTY) {
                rounds.rebalance(group, turn);
            }
        }
        return new ClassicRequest.Left(Errors.NONE, errors);
    }

    private Errors leave(ClassicGroup group, ClassicRequest.Leaver leaver, Turn<GroupAnswer, GroupFollowUp> turn) {
        if (leaver.instanceId() == null && group.promisedIds().remove(leaver.memberId())) {
            turn.cancelTimer(new ClassicTimer.Promise(group.groupId(), leaver.memberId()));
            return Errors.NONE;
        }
        String memberId = leaver.memberId().isEmpty()
                ? group.memberOfInstance(leaver.instanceId()).orElse("")
                : leaver.memberId();
        Errors identity = group.identify(memberId, leaver.instanceId());
        ClassicMember member = group.member(memberId);
        if (identity == Errors.NONE && member != null) {
            rounds.forget(group, member, turn);
        }
        return identity;
    }

    private void disconnected(ClassicRequest.Disconnected gone, Turn<GroupAnswer, GroupFollowUp> turn) {
        find(gone.groupId()).ifPresent(group -> {
            ClassicMember member = group.member(gone.memberId());
            if (member != null && !member.isStatic()) {
                member.setDisconnected(true);
                long graceMs = Math.min(gone.graceMs(), member.sessionTimeoutMs());
                turn.setTimer(new ClassicTimer.Session(group.groupId(), gone.memberId()), turn.nowMs() + graceMs);
            }
        });
    }

    private ClassicRequest.Described describe(String groupId) {
        ClassicGroup group = find(groupId).orElse(null);
        if (group == null) {
            return new ClassicRequest.Described(Errors.GROUP_ID_NOT_FOUND, "Dead", "", "", List.of());
        }
        boolean stable = group.state() == ClassicState.STABLE;
        String protocol = stable && group.protocolName() != null ? group.protocolName() : "";
        return new ClassicRequest.Described(
                Errors.NONE,
                group.stateName(),
                group.protocolType(),
                protocol,
                group.members().stream()
                        .map(member -> new ClassicRequest.DescribedMember(
                                member.memberId(),
                                member.instanceId(),
                                member.client(),
                                stable ? member.metadata(protocol) : ClassicMember.NOTHING,
                                stable ? member.assignment() : ClassicMember.NOTHING))
                        .toList());
    }

    @Override
    public boolean owns(ApiMessage recordKey) {
        return recordKey instanceof GroupMetadataKey;
    }

    @Override
    public void apply(CoordinatorRecord record) {
        String groupId = ((GroupMetadataKey) record.key()).group();
        if (!(record.value() instanceof GroupMetadataValue value)) {
            if (groups.get(groupId) instanceof ClassicGroup) {
                groups.remove(groupId);
            }
            return;
        }
        ClassicGroup group = find(groupId).orElse(null);
        if (group == null) {
            group = new ClassicGroup(groupId, this, groups.journal());
            groups.put(group);
        }
        group.setSnapshot(new ClassicSnapshot(value));
    }

    @Override
    public boolean owns(TimerKey timer) {
        return timer instanceof ClassicTimer;
    }

    @Override
    public void onTimer(TimerKey timer, Turn<GroupAnswer, GroupFollowUp> turn) {
        ClassicTimer fired = (ClassicTimer) timer;
        ClassicGroup group = find(fired.groupId()).orElse(null);
        if (group == null) {
            return;
        }
        switch (fired) {
            case ClassicTimer.Session session -> rounds.onSessionTimer(group, session.memberId(), turn);
            case ClassicTimer.Round round -> rounds.onRoundTimer(group, turn);
            case ClassicTimer.SyncPhase sync -> rounds.onSyncTimer(group, turn);
            case ClassicTimer.Promise promise -> {
                group.promisedIds().remove(promise.memberId());
                rounds.completeIfAllJoined(group, turn);
            }
        }
    }

    @Override
    public boolean owns(GroupFollowUp followUp) {
        return followUp instanceof AssignmentStored || followUp instanceof Released;
    }

    @Override
    public void onDurable(GroupFollowUp followUp, Turn<GroupAnswer, GroupFollowUp> turn) {
        if (!(followUp instanceof AssignmentStored stored)) {
            return;
        }
        waiting(stored).ifPresent(group -> {
            group.enter(ClassicState.STABLE, turn.nowMs());
            for (ClassicMember member : group.members()) {
                long ticket = member.takeSync();
                if (ticket >= 0) {
                    rounds.keepAlive(group, member.memberId(), turn);
                    turn.replyNow(ticket, synced(group, member));
                }
            }
        });
    }

    @Override
    public void onRefused(GroupFollowUp followUp, Errors error, Turn<GroupAnswer, GroupFollowUp> turn) {
        if (followUp instanceof Released released) {
            handover.takeBack(released.groupId(), turn);
            return;
        }
        AssignmentStored refused = (AssignmentStored) followUp;
        waiting(refused).ifPresent(group -> {
            rounds.refuseSyncs(group, error, turn);
            rounds.rebalance(group, turn);
        });
    }

    /** The group if it still waits for this assignment. */
    private Optional<ClassicGroup> waiting(AssignmentStored about) {
        return find(about.groupId())
                .filter(group -> group.storingAssignment()
                        && group.state() == ClassicState.COMPLETING_REBALANCE
                        && group.generation() == about.generation());
    }

    @Override
    public void onLoaded(Turn<GroupAnswer, GroupFollowUp> turn) {
        for (Group each : groups.sorted()) {
            if (each instanceof ClassicGroup group) {
                group.restore();
                group.members().forEach(member -> rounds.keepAlive(group, member.memberId(), turn));
                if (group.members().size() > rules.maxSize()) {
                    rounds.rebalance(group, turn);
                }
            }
        }
    }
}
