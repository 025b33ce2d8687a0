// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.classic;

import io.tailrace.cluster.coordinator.Turn;
import io.tailrace.cluster.group.GroupAnswer;
import io.tailrace.cluster.group.GroupFollowUp;
import io.tailrace.cluster.group.GroupRules;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/**
 * The rounds of a classic group: how a rebalance begins, when its first phase is over, and who is thrown out on the way.
 *
 * <p>A round ends its first phase when every member has joined anew, or when the slowest member's rebalance timeout is over; then members
 * that did not join are dropped, but for static ones, whose absence their session timeout judges. If nobody at all has joined, the phase
 * waits again rather than empty a group of static members. The round of an empty group waits a fixed time instead, extended each time
 * somebody new comes, so that a fleet that starts together makes one generation and not one for each of its members.
 */
final class Rounds {

    /**
     * How long a new member may wait in its first round. It cannot heartbeat while its join is parked, and nobody would tell us that it is
     * gone; Kafka waits as long.
     */
    static final long FRESH_MEMBER_TIMEOUT_MS = 5 * 60 * 1000L;

    private final GroupRules rules;

    Rounds(GroupRules rules) {
        this.rules = rules;
    }

    /** Begins a round if none runs, or goes on with the one that does. */
    void rebalance(ClassicGroup group, Turn<GroupAnswer, GroupFollowUp> turn) {
        if (group.state() == ClassicState.PREPARING_REBALANCE) {
            completeIfAllJoined(group, turn);
        } else {
            prepare(group, turn);
        }
    }

    /** A group whose round was called off goes on: with a new one, unless nothing was under way. */
    void resume(ClassicGroup group, Turn<GroupAnswer, GroupFollowUp> turn) {
        switch (group.state()) {
            case EMPTY, STABLE -> {}
            case PREPARING_REBALANCE ->
                turn.setTimer(new ClassicTimer.Round(group.groupId()), turn.nowMs() + group.rebalanceTimeoutMs());
            case COMPLETING_REBALANCE -> prepare(group, turn);
        }
    }

    private void prepare(ClassicGroup group, Turn<GroupAnswer, GroupFollowUp> turn) {
        if (group.state() == ClassicState.COMPLETING_REBALANCE) {
            refuseSyncs(group, Errors.REBALANCE_IN_PROGRESS, turn);
        }
        turn.cancelTimer(new ClassicTimer.SyncPhase(group.groupId()));
        boolean first = group.state() == ClassicState.EMPTY;
        group.enter(ClassicState.PREPARING_REBALANCE, turn.nowMs());
        if (first) {
            long delayMs = rules.initialRebalanceDelayMs();
            delayFirst(group, delayMs, Math.max(group.rebalanceTimeoutMs() - delayMs, 0), turn);
        } else if (group.everyoneJoined()) {
            complete(group, turn);
        } else {
            turn.setTimer(new ClassicTimer.Round(group.groupId()), turn.nowMs() + group.rebalanceTimeoutMs());
        }
    }

    private void delayFirst(ClassicGroup group, long delayMs, long remainingMs, Turn<GroupAnswer, GroupFollowUp> turn) {
        group.takeMemberAdded();
        group.setInitialDelay(new ClassicGroup.InitialDelay(delayMs, remainingMs));
        turn.setTimer(new ClassicTimer.Round(group.groupId()), turn.nowMs() + delayMs);
    }

    /** Somebody joined, left or died while a round is in its first phase. */
    void completeIfAllJoined(ClassicGroup group, Turn<GroupAnswer, GroupFollowUp> turn) {
        boolean waitsForMore = group.initialDelay() != null && !group.members().isEmpty();
        if (group.state() == ClassicState.PREPARING_REBALANCE && group.everyoneJoined() && !waitsForMore) {
            complete(group, turn);
        }
    }

    void onRoundTimer(ClassicGroup group, Turn<GroupAnswer, GroupFollowUp> turn) {
        if (group.state() != ClassicState.PREPARING_REBALANCE) {
            return;
        }
        ClassicGroup.InitialDelay delay = group.initialDelay();
        if (delay != null && group.takeMemberAdded() && delay.remainingMs() > 0) {
            delayFirst(
                    group,
                    Math.min(rules.initialRebalanceDelayMs(), delay.remainingMs()),
                    Math.max(delay.remainingMs() - delay.delayMs(), 0),
                    turn);
        } else {
            complete(group, turn);
        }
    }

    private void complete(ClassicGroup group, Turn<GroupAnswer, GroupFollowUp> turn) {
        turn.cancelTimer(new ClassicTimer.Round(group.groupId()));
        for (ClassicMember member : List.copyOf(group.members())) {
            if (!member.awaitsJoin() && !member.isStatic()) {
                forget(group, member, turn);
            }
        }
        if (!group.members().isEmpty() && !group.electLeader()) {
            turn.setTimer(new ClassicTimer.Round(group.groupId()), turn.nowMs() + group.rebalanceTimeoutMs());
            return;
        }
        group.setInitialDelay(null);
        group.beginGeneration(turn.nowMs());
        if (group.members().isEmpty()) {
            turn.persist(ClassicSnapshot.record(group, turn.nowMs()));
            return;
        }
        for (ClassicMember member : group.members()) {
            member.setFresh(false);
            keepAlive(group, member.memberId(), turn);
            long ticket = member.takeJoin();
            if (ticket >= 0) {
                turn.replyNow(ticket, joined(group, member.memberId(), group.isLeader(member.memberId())));
            }
        }
        turn.setTimer(new ClassicTimer.SyncPhase(group.groupId()), turn.nowMs() + group.rebalanceTimeoutMs());
    }

    /** The current generation as the answer to a join. */
    static ClassicRequest.Joined joined(ClassicGroup group, String memberId, boolean withPeers) {
        String leader = group.leader();
        String protocol = group.protocolName();
        List<ClassicRequest.Peer> peers = !withPeers || protocol == null
                ? List.of()
                : group.members().stream()
                        .map(peer ->
                                new ClassicRequest.Peer(peer.memberId(), peer.instanceId(), peer.metadata(protocol)))
                        .toList();
        return new ClassicRequest.Joined(
                Errors.NONE,
                group.generation(),
                group.protocolType(),
                protocol,
                leader == null ? "" : leader,
                false,
                memberId,
                peers);
    }

    /** Whoever has not synced by now is gone, or will be told to join again. */
    void onSyncTimer(ClassicGroup group, Turn<GroupAnswer, GroupFollowUp> turn) {
        boolean running = group.state() == ClassicState.COMPLETING_REBALANCE || group.state() == ClassicState.STABLE;
        if (!running || group.unsynced().isEmpty()) {
            return;
        }
        for (String memberId : List.copyOf(group.unsynced())) {
            ClassicMember member = group.member(memberId);
            if (member != null) {
                forget(group, member, turn);
            }
        }
        rebalance(group, turn);
    }

    /** Takes a member out and begins a round, or goes on with the one that waited for it. */
    void remove(ClassicGroup group, ClassicMember member, Turn<GroupAnswer, GroupFollowUp> turn) {
        forget(group, member, turn);
        rebalance(group, turn);
    }

    /** Takes a member out; its parked requests are told that it is unknown. */
    void forget(ClassicGroup group, ClassicMember member, Turn<GroupAnswer, GroupFollowUp> turn) {
        refuseParked(member, Errors.UNKNOWN_MEMBER_ID, turn);
        turn.cancelTimer(new ClassicTimer.Session(group.groupId(), member.memberId()));
        group.remove(member);
    }

    void refuseParked(ClassicMember member, Errors error, Turn<GroupAnswer, GroupFollowUp> turn) {
        long join = member.takeJoin();
        if (join >= 0) {
            turn.replyNow(join, ClassicRequest.Joined.refused(error, ""));
        }
        long sync = member.takeSync();
        if (sync >= 0) {
            turn.replyNow(sync, ClassicRequest.Synced.refused(error));
        }
    }

    /** The assignment of this round is void. */
    void refuseSyncs(ClassicGroup group, Errors error, Turn<GroupAnswer, GroupFollowUp> turn) {
        for (ClassicMember member : group.members()) {
            member.assign(ClassicMember.NOTHING);
            long sync = member.takeSync();
            if (sync >= 0) {
                keepAlive(group, member.memberId(), turn);
                turn.replyNow(sync, ClassicRequest.Synced.refused(error));
            }
        }
    }

    void onSessionTimer(ClassicGroup group, String memberId, Turn<GroupAnswer, GroupFollowUp> turn) {
        ClassicMember member = group.member(memberId);
        if (member == null) {
            return;
        }
        // Who waits for us cannot heartbeat; its timer is set anew when it is answered.
        boolean waits = member.awaitsJoin() || member.awaitsSync();
        if (!waits || member.isFresh() || member.isDisconnected()) {
            remove(group, member, turn);
        }
    }

    /** A sign of life: the member's session starts anew. */
    void keepAlive(ClassicGroup group, String memberId, Turn<GroupAnswer, GroupFollowUp> turn) {
        ClassicMember member = group.member(memberId);
        if (member != null) {
            member.setDisconnected(false);
            long timeoutMs = member.isFresh() ? FRESH_MEMBER_TIMEOUT_MS : member.sessionTimeoutMs();
            turn.setTimer(new ClassicTimer.Session(group.groupId(), memberId), turn.nowMs() + timeoutMs);
        }
    }
}
