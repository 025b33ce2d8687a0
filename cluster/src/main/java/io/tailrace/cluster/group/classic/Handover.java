// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.classic;

import io.tailrace.cluster.coordinator.Turn;
import io.tailrace.cluster.group.Group;
import io.tailrace.cluster.group.GroupAnswer;
import io.tailrace.cluster.group.GroupFollowUp;
import io.tailrace.cluster.group.GroupRules;
import io.tailrace.cluster.group.GroupTable;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.protocol.Errors;

/**
 * Lets another kind of group take over a live classic group, and give one back: the classic half of a migration. The other half, with the
 * rules of who may migrate, is that other kind's.
 */
public final class Handover {

    private static final String CONSUMER = "consumer";

    private final GroupRules rules;
    private final GroupTable groups;
    private final ClassicKind kind;
    private final Rounds rounds;
    private final Joins joins;

    Handover(GroupRules rules, GroupTable groups, ClassicKind kind, Rounds rounds, Joins joins) {
        this.rules = rules;
        this.groups = groups;
        this.kind = kind;
        this.rounds = rounds;
        this.joins = joins;
    }

    /** What is wrong with a join whatever the group; NONE if nothing is. */
    public Errors refusal(ClassicRequest.Join join) {
        return joins.refusal(join);
    }

    /** Whether a classic group may have so many members. */
    public boolean hasRoomFor(int members) {
        return members <= rules.maxSize();
    }

    /** Who would be handed over; empty unless it is a classic group whose members, if any, are of protocol type {@code consumer}. */
    public Optional<Roster> roster(Group group) {
        if (!(group instanceof ClassicGroup classic)) {
            return Optional.empty();
        }
        boolean readable = classic.members().isEmpty() || classic.protocolType().equals(CONSUMER);
        return readable ? Optional.of(classic.roster()) : Optional.empty();
    }

    /**
     * Whether an assignment is on its way to the log. Until its fate is known nobody can tell what the members hold, so a handover has to
     * wait for it.
     */
    public boolean isStoring(Group group) {
        return group instanceof ClassicGroup classic && classic.storingAssignment();
    }

    /** Gives a classic group up: takes it out of the log, and tells who waits in its round to join again. */
    public void release(String groupId, Turn<GroupAnswer, GroupFollowUp> turn) {
        ClassicGroup group = groups.find(groupId, ClassicGroup.class).orElseThrow();
        turn.cancelTimer(new ClassicTimer.Round(groupId));
        turn.cancelTimer(new ClassicTimer.SyncPhase(groupId));
        group.promisedIds().forEach(memberId -> turn.cancelTimer(new ClassicTimer.Promise(groupId, memberId)));
        group.promisedIds().clear();
        for (ClassicMember member : group.members()) {
            rounds.refuseParked(member, Errors.REBALANCE_IN_PROGRESS, turn);
            turn.cancelTimer(new ClassicTimer.Session(groupId, member.memberId()));
        }
        group.tombstones().forEach(turn::persist);
        turn.followUp(new ClassicKind.Released(groupId));
    }

    /**
     * Makes a classic group of these members, in place of a group that has just been taken out of the log. It is stable in the generation of
     * the roster, with the assignments of the roster.
     *
     * @param rebalance whether the members shall find their assignment anew: always, unless nobody left or came
     */
    public void adopt(String groupId, Roster roster, boolean rebalance, Turn<GroupAnswer, GroupFollowUp> turn) {
        ClassicGroup group = new ClassicGroup(groupId, kind, groups.journal());
        group.become(roster, CONSUMER, turn.nowMs());
        groups.put(group);
        turn.persist(ClassicSnapshot.record(group, turn.nowMs()));
        for (ClassicMember member : List.copyOf(group.members())) {
            rounds.keepAlive(group, member.memberId(), turn);
        }
        if (rebalance) {
            rounds.rebalance(group, turn);
        }
    }

    /** The log refused what {@link #release} wrote: the group is back, and goes on with a round. */
    void takeBack(String groupId, Turn<GroupAnswer, GroupFollowUp> turn) {
        groups.find(groupId, ClassicGroup.class).ifPresent(group -> {
            group.members().forEach(member -> rounds.keepAlive(group, member.memberId(), turn));
            rounds.resume(group, turn);
        });
    }
}
