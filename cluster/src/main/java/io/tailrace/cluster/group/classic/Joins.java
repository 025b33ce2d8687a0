// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.classic;

import io.tailrace.cluster.coordinator.Turn;
import io.tailrace.cluster.group.GroupAnswer;
import io.tailrace.cluster.group.GroupFollowUp;
import io.tailrace.cluster.group.GroupRules;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.common.protocol.Errors;

/** Decides JoinGroup: who may come in, under which id, and whether that makes a rebalance. */
final class Joins {

    private final GroupRules rules;
    private final Rounds rounds;

    Joins(GroupRules rules, Rounds rounds) {
        this.rules = rules;
        this.rounds = rounds;
    }

    /** Whether the request can be decided at all; NONE if so. Needs no group. */
    Errors refusal(ClassicRequest.Join join) {
        if (join.groupId().isEmpty()) {
            return Errors.INVALID_GROUP_ID;
        }
        boolean inBounds = join.sessionTimeoutMs() >= rules.minSessionTimeoutMs()
                && join.sessionTimeoutMs() <= rules.maxSessionTimeoutMs();
        return inBounds ? Errors.NONE : Errors.INVALID_SESSION_TIMEOUT;
    }

    void join(ClassicGroup group, ClassicRequest.Join join, long ticket, Turn<GroupAnswer, GroupFollowUp> turn) {
        if (!hasRoom(group, join.memberId())) {
            ClassicMember member = group.member(join.memberId());
            if (member != null) {
                rounds.forget(group, member, turn);
            }
            refuse(Errors.GROUP_MAX_SIZE_REACHED, "", ticket, turn);
        } else if (!group.admits(join.protocolType(), join.protocols())) {
            refuse(Errors.INCONSISTENT_GROUP_PROTOCOL, join.memberId(), ticket, turn);
        } else if (join.memberId().isEmpty()) {
            newcomer(group, join, ticket, turn);
        } else if (group.promisedIds().contains(join.memberId())) {
            turn.cancelTimer(new ClassicTimer.Promise(group.groupId(), join.memberId()));
            admit(group, join, join.memberId(), ticket, turn);
        } else {
            again(group, join, ticket, turn);
        }
    }

    private boolean hasRoom(ClassicGroup group, String memberId) {
        return switch (group.state()) {
            case EMPTY -> true;
            case PREPARING_REBALANCE -> {
                ClassicMember member = group.member(memberId);
                yield member != null && member.awaitsJoin() || group.joinedCount() < rules.maxSize();
            }
            case COMPLETING_REBALANCE, STABLE ->
                group.hasMember(memberId) || group.members().size() < rules.maxSize();
        };
    }

    private void newcomer(
            ClassicGroup group, ClassicRequest.Join join, long ticket, Turn<GroupAnswer, GroupFollowUp> turn) {
        String prefix = join.instanceId() == null ? join.client().id() : Objects.requireNonNull(join.instanceId());
        String newId = prefix + '-' + join.freshId();
        Optional<String> sameInstance = group.memberOfInstance(join.instanceId());
        if (sameInstance.isPresent()) {
            replaceStatic(group, join, sameInstance.get(), newId, ticket, turn);
        } else if (join.instanceId() == null && join.askForId()) {
            group.promisedIds().add(newId);
            turn.setTimer(new ClassicTimer.Promise(group.groupId(), newId), turn.nowMs() + join.sessionTimeoutMs());
            refuse(Errors.MEMBER_ID_REQUIRED, newId, ticket, turn);
        } else {
            admit(group, join, newId, ticket, turn);
        }
    }

    private void admit(
            ClassicGroup group,
            ClassicRequest.Join join,
            String memberId,
            long ticket,
            Turn<GroupAnswer, GroupFollowUp> turn) {
        ClassicMember member = new ClassicMember(
                memberId,
                join.instanceId(),
                join.client(),
                join.protocols(),
                join.sessionTimeoutMs(),
                join.rebalanceTimeoutMs());
        member.setFresh(true);
        member.parkJoin(ticket);
        group.add(member, join.protocolType());
        if (group.initialDelay() != null) {
            group.noteMemberAdded();
        }
        rounds.keepAlive(group, memberId, turn);
        rounds.rebalance(group, turn);
    }

    /** A member that has an id joins: for the next generation, or because an answer got lost. */
    private void again(
            ClassicGroup group, ClassicRequest.Join join, long ticket, Turn<GroupAnswer, GroupFollowUp> turn) {
        Errors identity = group.identify(join.memberId(), join.instanceId());
        ClassicMember member = group.member(join.memberId());
        if (identity != Errors.NONE || member == null) {
            refuse(identity, join.memberId(), ticket, turn);
            return;
        }
        boolean leader = group.isLeader(join.memberId());
        boolean unchanged = member.matches(join.protocols());
        boolean answered =
                switch (group.state()) {
                    case COMPLETING_REBALANCE -> unchanged;
                    // The leader asks for a rebalance by joining: it knows of changes that only it can see, such as new
                    // partitions.
                    case STABLE -> unchanged && !leader;
                    case EMPTY, PREPARING_REBALANCE -> false;
                };
        rounds.keepAlive(group, join.memberId(), turn);
        if (answered) {
            boolean withPeers = leader && group.state() == ClassicState.COMPLETING_REBALANCE;
            turn.replyNow(ticket, Rounds.joined(group, join.memberId(), withPeers));
            return;
        }
        park(member, join, ticket, turn);
        rounds.rebalance(group, turn);
    }

    private void park(
            ClassicMember member, ClassicRequest.Join join, long ticket, Turn<GroupAnswer, GroupFollowUp> turn) {
        member.update(join);
        rounds.refuseParked(member, Errors.UNKNOWN_MEMBER_ID, turn);
        member.parkJoin(ticket);
    }

    /**
     * A static member starts anew (KIP-345). Its predecessor is fenced. In a stable group whose protocol does not change nobody else need
     * notice: the new id takes over the assignment once that is durable.
     */
    private void replaceStatic(
            ClassicGroup group,
            ClassicRequest.Join join,
            String oldId,
            String newId,
            long ticket,
            Turn<GroupAnswer, GroupFollowUp> turn) {
        ClassicMember old = Objects.requireNonNull(group.member(oldId), "an instance names a member");
        String formerLeader = group.leader();
        rounds.refuseParked(old, Errors.FENCED_INSTANCE_ID, turn);
        turn.cancelTimer(new ClassicTimer.Session(group.groupId(), oldId));
        ClassicMember member = group.rename(old, newId);
        member.update(join);
        rounds.keepAlive(group, newId, turn);
        boolean unnoticed =
                group.state() == ClassicState.STABLE && group.electProtocol().equals(group.protocolName());
        if (!unnoticed) {
            // Also in the middle of a round: the leader may have been told the old id, and would assign to nobody.
            member.parkJoin(ticket);
            rounds.rebalance(group, turn);
            return;
        }
        turn.persist(ClassicSnapshot.record(group, turn.nowMs()));
        boolean skip = join.canSkipAssignment() && group.isLeader(newId);
        ClassicRequest.Joined now = Rounds.joined(group, newId, skip);
        // A client that cannot skip the assignment must not take itself for the leader: it is told its own former id.
        String leader = join.canSkipAssignment() || formerLeader == null ? now.leader() : formerLeader;
        turn.reply(
                ticket,
                new ClassicRequest.Joined(
                        now.error(),
                        now.generation(),
                        now.protocolType(),
                        now.protocolName(),
                        leader,
                        skip,
                        newId,
                        now.peers()));
    }

    static void refuse(Errors error, String memberId, long ticket, Turn<GroupAnswer, GroupFollowUp> turn) {
        turn.replyNow(ticket, ClassicRequest.Joined.refused(error, memberId));
    }
}
