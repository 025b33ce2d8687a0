// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.classic;

import static io.tailrace.cluster.group.classic.Members.GROUP;
import static io.tailrace.cluster.group.classic.Members.beat;
import static io.tailrace.cluster.group.classic.Members.bytes;
import static io.tailrace.cluster.group.classic.Members.group;
import static io.tailrace.cluster.group.classic.Members.join;
import static io.tailrace.cluster.group.classic.Members.leave;
import static io.tailrace.cluster.group.classic.Members.stableWithOne;
import static io.tailrace.cluster.group.classic.Members.sync;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.group.GroupHarness;
import io.tailrace.cluster.group.GroupRules;
import io.tailrace.cluster.group.classic.ClassicRequest.Beaten;
import io.tailrace.cluster.group.classic.ClassicRequest.Joined;
import io.tailrace.cluster.group.classic.ClassicRequest.Left;
import io.tailrace.cluster.group.classic.ClassicRequest.Synced;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

final class ClassicKindTest {

    private final GroupHarness harness = new GroupHarness(GroupRules.DEFAULT);

    @Test
    void waitsForMoreMembersBeforeTheFirstGeneration() {
        long first = harness.send(join("", "1"));
        harness.advance(2_999);
        long second = harness.send(join("", "2"));
        harness.advance(2_000);
        assertThat(harness.isOpen(first)).isTrue();
        harness.advance(1_001);
        assertThat(harness.answer(first, Joined.class).generation()).isEqualTo(1);
        assertThat(harness.answer(first, Joined.class).peers()).hasSize(2);
        assertThat(harness.answer(second, Joined.class).leader())
                .isEqualTo(harness.answer(first, Joined.class).memberId());
    }

    @Test
    void tellsANewMemberItsIdFirstIfItsClientCanTakeOne() {
        ClassicRequest.Join asked = join("", "1");
        ClassicRequest.Join modern = new ClassicRequest.Join(
                GROUP, "", null, "1", asked.client(), "consumer", asked.protocols(), 10_000, 30_000, true, true);
        Joined told = harness.ask(modern, Joined.class);
        assertThat(told.error()).isEqualTo(Errors.MEMBER_ID_REQUIRED);
        assertThat(told.memberId()).isEqualTo("c-1");
        long again = harness.send(join(told.memberId(), "x"));
        harness.advance(3_000);
        assertThat(harness.answer(again, Joined.class).memberId()).isEqualTo("c-1");
    }

    @Test
    void holdsTheAssignmentUntilItIsDurable() {
        long ticket = harness.send(join("", "1"));
        harness.advance(3_000);
        String id = harness.answer(ticket, Joined.class).memberId();
        harness.holdWrites(true);
        long sync = harness.send(sync(id, 1, Map.of(id, bytes("all"))));
        assertThat(harness.isOpen(sync)).isTrue();
        assertThat(group(harness).state()).isEqualTo(ClassicState.COMPLETING_REBALANCE);
        harness.commitNext();
        assertThat(harness.answer(sync, Synced.class).assignment()).isEqualTo(bytes("all"));
        assertThat(group(harness).state()).isEqualTo(ClassicState.STABLE);
    }

    @Test
    void rebalancesWhenTheLogRefusesAnAssignment() {
        long ticket = harness.send(join("", "1"));
        harness.advance(3_000);
        String id = harness.answer(ticket, Joined.class).memberId();
        harness.holdWrites(true);
        long sync = harness.send(sync(id, 1, Map.of(id, bytes("all"))));
        harness.failNext(Errors.NOT_ENOUGH_REPLICAS, false);
        assertThat(harness.answer(sync)).isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE);
        assertThat(group(harness).state()).isEqualTo(ClassicState.PREPARING_REBALANCE);
        assertThat(group(harness).snapshot()).isEmpty();
    }

    @Test
    void readsTheLogAnewWhenNobodyKnowsWhatBecameOfAnAppend() {
        long ticket = harness.send(join("", "1"));
        harness.advance(3_000);
        String id = harness.answer(ticket, Joined.class).memberId();
        harness.holdWrites(true);
        long sync = harness.send(sync(id, 1, Map.of(id, bytes("all"))));
        harness.failNext(Errors.REQUEST_TIMED_OUT, true);
        assertThat(harness.answer(sync)).isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE);
        assertThat(harness.loads()).isEqualTo(2);
        assertThat(group(harness).state()).isEqualTo(ClassicState.STABLE);
        assertThat(harness.ask(beat(id, 1), Beaten.class).error()).isEqualTo(Errors.NONE);
    }

    @Test
    void aMemberGoesOnWithTheNextCoordinator() {
        String id = stableWithOne(harness);
        GroupHarness next = harness.successor();
        assertThat(next.ask(beat(id, 1), Beaten.class).error()).isEqualTo(Errors.NONE);
        next.advance(10_001);
        assertThat(next.ask(beat(id, 1), Beaten.class).error()).isEqualTo(Errors.UNKNOWN_MEMBER_ID);
        assertThat(group(next).state()).isEqualTo(ClassicState.EMPTY);
    }

    @Test
    void dropsWhoMissesItsHeartbeats() {
        String id = stableWithOne(harness);
        harness.advance(9_999);
        assertThat(harness.ask(beat(id, 1), Beaten.class).error()).isEqualTo(Errors.NONE);
        harness.advance(9_999);
        assertThat(group(harness).members()).hasSize(1);
        harness.advance(2);
        assertThat(group(harness).state()).isEqualTo(ClassicState.EMPTY);
    }

    /** KAFKA-9752: a group hung in a rebalance for ever when a member joined and never synced. */
    @Test
    void dropsWhoJoinsAndNeverSyncs() {
        long first = harness.send(join("", "1"));
        long second = harness.send(join("", "2"));
        harness.advance(6_000);
        String leader = harness.answer(first, Joined.class).memberId();
        String silent = harness.answer(second, Joined.class).memberId();
        harness.ask(sync(leader, 1, Map.of()), Synced.class);
        for (int i = 0; i < 30; i++) {
            harness.advance(1_000);
            harness.send(beat(leader, 1));
            harness.send(beat(silent, 1));
        }
        assertThat(group(harness).hasMember(silent)).isFalse();
        assertThat(group(harness).state()).isEqualTo(ClassicState.PREPARING_REBALANCE);
    }

    @Test
    void dropsWhoDoesNotJoinTheNextRound() {
        String id = stableWithOne(harness);
        long newcomer = harness.send(join("", "2"));
        for (int i = 0; i < 29; i++) {
            harness.advance(1_000);
            assertThat(harness.ask(beat(id, 1), Beaten.class).error()).isEqualTo(Errors.REBALANCE_IN_PROGRESS);
        }
        assertThat(harness.isOpen(newcomer)).isTrue();
        harness.advance(1_000);
        assertThat(harness.answer(newcomer, Joined.class).generation()).isEqualTo(2);
        assertThat(group(harness).hasMember(id)).isFalse();
    }

    @Test
    void electsTheProtocolThatMostPreferOfThoseThatAllKnow() {
        long a = harness.send(join("", null, "1", List.of("sticky", "range")));
        harness.send(join("", null, "2", List.of("range", "sticky")));
        harness.send(join("", null, "3", List.of("range", "other", "sticky")));
        harness.advance(10_000);
        assertThat(harness.answer(a, Joined.class).protocolName()).isEqualTo("range");
        assertThat(harness.ask(join("", null, "4", List.of("other")), Joined.class)
                        .error())
                .isEqualTo(Errors.INCONSISTENT_GROUP_PROTOCOL);
    }

    @Test
    void refusesWhatIsOutOfBoundsOrAbsent() {
        ClassicRequest.Join good = join("", "1");
        assertThat(harness.ask(
                                new ClassicRequest.Join(
                                        GROUP,
                                        "",
                                        null,
                                        "1",
                                        good.client(),
                                        "consumer",
                                        good.protocols(),
                                        5_999,
                                        1,
                                        false,
                                        false),
                                Joined.class)
                        .error())
                .isEqualTo(Errors.INVALID_SESSION_TIMEOUT);
        assertThat(harness.ask(join("", null, "1", List.of()), Joined.class).error())
                .isEqualTo(Errors.INCONSISTENT_GROUP_PROTOCOL);
        assertThat(harness.ask(join("nobody", "1"), Joined.class).error()).isEqualTo(Errors.UNKNOWN_MEMBER_ID);
        assertThat(harness.ask(sync("nobody", 1, Map.of()), Synced.class).error())
                .isEqualTo(Errors.UNKNOWN_MEMBER_ID);
        assertThat(harness.ask(leave("nobody"), Left.class).error()).isEqualTo(Errors.UNKNOWN_MEMBER_ID);
        assertThat(harness.machine().groups().size()).isZero();
    }

    @Test
    void aFullGroupTakesNobodyElse() {
        GroupHarness small = new GroupHarness(GroupRules.DEFAULT.withMaxSize(1));
        stableWithOne(small);
        assertThat(small.ask(join("", "2"), Joined.class).error()).isEqualTo(Errors.GROUP_MAX_SIZE_REACHED);
    }

    @Test
    void aStaticMemberComesBackWithoutARebalance() {
        long first = harness.send(join("", "i1", "1", List.of("range")));
        harness.advance(3_000);
        String old = harness.answer(first, Joined.class).memberId();
        harness.ask(sync(old, 1, Map.of(old, bytes("mine"))), Synced.class);

        Joined back = harness.ask(join("", "i1", "2", List.of("range")), Joined.class);

        assertThat(back.generation()).isEqualTo(1);
        assertThat(back.skipAssignment()).isTrue();
        assertThat(back.memberId()).isEqualTo("i1-2");
        Synced synced = harness.ask(sync(back.memberId(), 1, Map.of()), Synced.class);
        assertThat(synced.assignment()).isEqualTo(bytes("mine"));
        assertThat(harness.ask(new ClassicRequest.Heartbeat(GROUP, old, "i1", 1), Beaten.class)
                        .error())
                .isEqualTo(Errors.FENCED_INSTANCE_ID);
        GroupHarness next = harness.successor();
        assertThat(next.ask(new ClassicRequest.Heartbeat(GROUP, "i1-2", "i1", 1), Beaten.class)
                        .error())
                .isEqualTo(Errors.NONE);
    }

    @Test
    void leavesInABatchByMemberIdOrInstanceId() {
        long first = harness.send(join("", "i1", "1", List.of("range")));
        long second = harness.send(join("", "2"));
        harness.advance(6_000);
        String other = harness.answer(second, Joined.class).memberId();
        Left left = harness.ask(
                new ClassicRequest.Leave(
                        GROUP,
                        List.of(
                                new ClassicRequest.Leaver("", "i1"),
                                new ClassicRequest.Leaver(other, null),
                                new ClassicRequest.Leaver("x", null))),
                Left.class);
        assertThat(left.errors()).containsExactly(Errors.NONE, Errors.NONE, Errors.UNKNOWN_MEMBER_ID);
        assertThat(harness.answer(first, Joined.class).error()).isEqualTo(Errors.NONE);
        assertThat(group(harness).state()).isEqualTo(ClassicState.EMPTY);
    }

    @Test
    void aClosedConnectionShortensTheSessionUntilTheMemberIsHeardAgain() {
        String id = stableWithOne(harness);
        harness.send(new ClassicRequest.Disconnected(GROUP, id, 1_000));
        harness.advance(500);
        assertThat(harness.ask(beat(id, 1), Beaten.class).error()).isEqualTo(Errors.NONE);
        harness.advance(5_000);
        assertThat(group(harness).members()).hasSize(1);
        harness.send(new ClassicRequest.Disconnected(GROUP, id, 1_000));
        harness.advance(1_000);
        assertThat(group(harness).members()).isEmpty();
    }

    @Test
    void theLeaderStartsARebalanceByJoiningAgainAndAFollowerDoesNot() {
        long first = harness.send(join("", "1"));
        long second = harness.send(join("", "2"));
        harness.advance(6_000);
        String leader = harness.answer(first, Joined.class).memberId();
        String follower = harness.answer(second, Joined.class).memberId();
        harness.ask(sync(leader, 1, Map.of()), Synced.class);
        harness.ask(sync(follower, 1, Map.of()), Synced.class);
        assertThat(harness.ask(join(follower, "x"), Joined.class).generation()).isEqualTo(1);
        long again = harness.send(join(leader, "x"));
        assertThat(harness.isOpen(again)).isTrue();
        assertThat(harness.ask(beat(follower, 1), Beaten.class).error()).isEqualTo(Errors.REBALANCE_IN_PROGRESS);
    }
}
