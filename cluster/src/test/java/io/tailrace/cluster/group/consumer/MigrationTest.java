// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import static io.tailrace.cluster.group.consumer.ProtocolMember.GROUP;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.group.Group;
import io.tailrace.cluster.group.classic.ClassicRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Live groups on their way between the protocols, with members of both; after each test the log must say what the machine knows. */
class MigrationTest {

    private GroupBench bench = new GroupBench();

    @AfterEach
    void replayEqualsLive() {
        assertThat(bench.replayed()).isEqualTo(bench.replicated());
        assertThat(bench.replayedCompacted()).isEqualTo(bench.replicated());
    }

    private GroupType type() {
        Group group = bench.machine().groups().get(GROUP);
        return group == null ? GroupType.UNKNOWN : group.type();
    }

    private String state() {
        return bench.machine().groups().sorted().get(0).stateName();
    }

    private ProtocolMember member(String id) {
        return new ProtocolMember(bench, id, "t");
    }

    private ClassicConsumer classic(String name) {
        return new ClassicConsumer(bench, name, null, "t");
    }

    /** Lets everybody act, with time in between, until all partitions of "t" are read and nothing moves any more. */
    private void settle(List<ClassicConsumer> classic, List<ProtocolMember> modern) {
        for (int round = 0; round < 20; round++) {
            bench.advance(3_000);
            for (int turn = 0; turn < 4; turn++) {
                classic.forEach(ClassicConsumer::poll);
            }
            modern.forEach(ProtocolMember::beatAndReconcile);
        }
        Set<PartitionId> read = new HashSet<>();
        List<PartitionId> all = new ArrayList<>();
        classic.forEach(each -> all.addAll(each.owned()));
        modern.forEach(each -> all.addAll(each.owned()));
        assertThat(all).allMatch(read::add);
        assertThat(read).hasSize(bench.topics().get("t").partitions().size());
        assertThat(state()).isEqualTo("Stable");
    }

    private List<ClassicConsumer> classicGroup(int members) {
        bench.topic("t", 6);
        List<ClassicConsumer> classic = new ArrayList<>();
        for (int number = 0; number < members; number++) {
            classic.add(classic("c" + number));
        }
        settle(classic, List.of());
        assertThat(type()).isEqualTo(GroupType.CLASSIC);
        return classic;
    }

    @Test
    void firstMemberOfTheConsumerProtocolConvertsALiveClassicGroup() {
        List<ClassicConsumer> classic = classicGroup(2);
        int generation = classic.get(0).generation();
        ProtocolMember m = member("m");

        assertThat(m.beatAndReconcile().error()).isEqualTo(Errors.NONE);

        assertThat(type()).isEqualTo(GroupType.CONSUMER);
        assertThat(m.epoch()).as("goes on from the generation").isEqualTo(generation + 1);
        assertThat(m.owned()).as("all is still held").isEmpty();
        assertThat(classic.get(0).poll()).isEqualTo(Errors.REBALANCE_IN_PROGRESS);
        settle(classic, List.of(m));
        assertThat(m.owned()).hasSize(2);
        assertThat(classic).allMatch(each -> each.owned().size() == 2);
    }

    @Test
    void classicMembersKeepWhatTheyHaveWhereTheyCan() {
        List<ClassicConsumer> classic = classicGroup(3);
        List<Set<PartitionId>> before =
                classic.stream().map(each -> Set.copyOf(each.owned())).toList();
        ProtocolMember m = member("m");
        m.beatAndReconcile();
        settle(classic, List.of(m));
        for (int number = 0; number < 3; number++) {
            assertThat(before.get(number)).containsAll(classic.get(number).owned());
        }
    }

    @Test
    void lastMemberOfTheConsumerProtocolLeavesAClassicGroupBehind() {
        List<ClassicConsumer> classic = classicGroup(2);
        ProtocolMember m = member("m");
        m.beatAndReconcile();
        settle(classic, List.of(m));
        int epoch = m.epoch();

        m.leave();

        assertThat(type()).isEqualTo(GroupType.CLASSIC);
        assertThat(state()).isEqualTo("PreparingRebalance");
        assertThat(classic.get(0).poll()).as("their generation is still good").isEqualTo(Errors.REBALANCE_IN_PROGRESS);
        settle(classic, List.of());
        assertThat(classic)
                .allMatch(each -> each.generation() > epoch && each.owned().size() == 3);
    }

    @Test
    void deathOfTheLastMemberOfTheConsumerProtocolDowngradesToo() {
        List<ClassicConsumer> classic = classicGroup(2);
        ProtocolMember m = member("m");
        m.beatAndReconcile();
        settle(classic, List.of(m));
        settle(classic, List.of());
        assertThat(type()).isEqualTo(GroupType.CLASSIC);
    }

    @Test
    void classicMembersJoinAConsumerGroup() {
        bench.topic("t", 6);
        ProtocolMember m = member("m");
        m.beatAndReconcile();
        ClassicConsumer c = classic("c");
        settle(List.of(c), List.of(m));
        assertThat(type()).isEqualTo(GroupType.CONSUMER);
        assertThat(c.owned()).hasSize(3);
    }

    @Test
    void lastClassicMemberLeavesAConsumerGroupBehind() {
        List<ClassicConsumer> classic = classicGroup(1);
        ProtocolMember m = member("m");
        m.beatAndReconcile();
        settle(classic, List.of(m));
        classic.get(0).leave();
        settle(List.of(), List.of(m));
        assertThat(type()).isEqualTo(GroupType.CONSUMER);
        assertThat(m.owned()).hasSize(6);
    }

    @Test
    void policyDecidesTheWay() {
        for (MigrationPolicy policy : MigrationPolicy.values()) {
            bench = new GroupBench(ConsumerRules.DEFAULT.withMigration(policy));
            List<ClassicConsumer> classic = classicGroup(2);
            ProtocolMember m = member("m");
            Errors told = m.beatAndReconcile().error();
            boolean upgrades = policy == MigrationPolicy.UPGRADE || policy == MigrationPolicy.BIDIRECTIONAL;
            assertThat(told).as("%s", policy).isEqualTo(upgrades ? Errors.NONE : Errors.GROUP_ID_NOT_FOUND);
            if (upgrades) {
                settle(classic, List.of(m));
                m.leave();
                assertThat(type())
                        .as("%s", policy)
                        .isEqualTo(policy == MigrationPolicy.BIDIRECTIONAL ? GroupType.CLASSIC : GroupType.CONSUMER);
            }
            settle(classic, List.of());
        }
    }

    @Test
    void convertsInTheMiddleOfARound() {
        List<ClassicConsumer> classic = new ArrayList<>(classicGroup(2));
        ClassicConsumer third = classic("c9");
        classic.add(third);
        third.poll();
        assertThat(state()).isEqualTo("PreparingRebalance");
        assertThat(third.waits()).isTrue();
        ProtocolMember m = member("m");

        m.beatAndReconcile();

        assertThat(third.poll()).isEqualTo(Errors.REBALANCE_IN_PROGRESS);
        settle(classic, List.of(m));
        assertThat(type()).isEqualTo(GroupType.CONSUMER);
    }

    @Test
    void staticMemberChangesItsProtocolUnderItsInstanceId() {
        bench.topic("t", 4);
        ClassicConsumer old = new ClassicConsumer(bench, "c", "i", "t");
        ClassicConsumer other = new ClassicConsumer(bench, "d", "j", "t");
        settle(List.of(old, other), List.of());
        Set<PartitionId> had = Set.copyOf(old.owned());

        ProtocolMember next = new ProtocolMember(bench, "m", "i", List.of("t"));
        settle(List.of(other), List.of(next));
        assertThat(next.owned()).containsExactlyInAnyOrderElementsOf(had);
        assertThat(old.poll()).isEqualTo(Errors.FENCED_INSTANCE_ID);

        next.leaveForAWhile();
        ClassicConsumer again = new ClassicConsumer(bench, "e", "i", "t");
        settle(List.of(again, other), List.of());
        assertThat(type()).isEqualTo(GroupType.CLASSIC);
        assertThat(again.owned()).containsExactlyInAnyOrderElementsOf(had);
    }

    @Test
    void leaveGroupRemovesMembersOfEitherProtocol() {
        bench.topic("t", 2);
        ProtocolMember m = new ProtocolMember(bench, "m", "i", List.of("t"));
        m.beatAndReconcile();
        ClassicConsumer c = classic("c");
        settle(List.of(c), List.of(m));
        ClassicRequest.Left left = bench.ask(
                new ClassicRequest.Leave(
                        GROUP,
                        List.of(
                                new ClassicRequest.Leaver("", "i"),
                                new ClassicRequest.Leaver("nobody", null),
                                new ClassicRequest.Leaver("", "nothing"))),
                ClassicRequest.Left.class);
        assertThat(left.errors()).containsExactly(Errors.NONE, Errors.UNKNOWN_MEMBER_ID, Errors.UNKNOWN_MEMBER_ID);
        assertThat(type()).isEqualTo(GroupType.CLASSIC);
        settle(List.of(c), List.of());
    }

    @Test
    void refusedUpgradeLeavesTheClassicGroupAsItWas() {
        List<ClassicConsumer> classic = classicGroup(2);
        String before = bench.replicated();
        assertThat(bench.askInVain(member("m").next(), Errors.NOT_ENOUGH_REPLICAS))
                .isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE);
        assertThat(bench.replicated()).isEqualTo(before);
        assertThat(classic.get(0).poll()).isEqualTo(Errors.NONE);
        settle(classic, List.of());
        classic.get(1).leave();
        bench.advance(ClassicConsumer.SESSION_MS - 1);
        assertThat(classic.get(0).poll()).as("session timers run as before").isEqualTo(Errors.REBALANCE_IN_PROGRESS);
        settle(classic.subList(0, 1), List.of());
    }

    @Test
    void refusedDowngradeLeavesTheConsumerGroupAsItWas() {
        List<ClassicConsumer> classic = classicGroup(2);
        ProtocolMember m = member("m");
        m.beatAndReconcile();
        settle(classic, List.of(m));
        String before = bench.replicated();
        bench.askInVain(ProtocolMember.request("m", -1, null, null, null, null), Errors.NOT_ENOUGH_REPLICAS);
        assertThat(bench.replicated()).isEqualTo(before);
        settle(classic, List.of(m));
        assertThat(type()).isEqualTo(GroupType.CONSUMER);
    }

    @Test
    void groupThatIsTooLargeIsNotConverted() {
        bench = new GroupBench(ConsumerRules.DEFAULT.withMaxSize(2));
        List<ClassicConsumer> classic = classicGroup(2);
        assertThat(member("m").beat().error()).isEqualTo(Errors.GROUP_MAX_SIZE_REACHED);
        settle(classic, List.of());
    }

    @Test
    void classicMemberThatDoesNotJoinAgainIsRemoved() {
        List<ClassicConsumer> classic = classicGroup(1);
        ClassicConsumer idle = classic.get(0);
        ProtocolMember m = member("m");
        m.beatAndReconcile();
        ClassicRequest.Heartbeat beat = new ClassicRequest.Heartbeat(GROUP, idle.memberId(), null, idle.generation());
        long sinceMs = bench.nowMs();
        while (bench.ask(beat, ClassicRequest.Beaten.class).error() == Errors.REBALANCE_IN_PROGRESS) {
            m.beatAndReconcile();
            bench.advance(3_000);
        }
        assertThat(bench.nowMs() - sinceMs).as("its rebalance timeout").isEqualTo(60_000);
        assertThat(bench.group(GROUP).size()).isEqualTo(1);
    }

    @Test
    void disconnectedMemberHasItsGraceAndNoMore() {
        bench.topic("t", 2);
        ProtocolMember m = member("m");
        ProtocolMember n = member("n");
        m.beatAndReconcile();
        n.beatAndReconcile();
        bench.ask(new ClassicRequest.Disconnected(GROUP, "m", 10_000), ClassicRequest.Beaten.class);
        bench.advance(9_999);
        assertThat(m.beat().error()).as("came back in time").isEqualTo(Errors.NONE);
        bench.advance(20_000);
        n.beatAndReconcile();
        assertThat(bench.group(GROUP).size()).isEqualTo(2);
        bench.ask(new ClassicRequest.Disconnected(GROUP, "m", 10_000), ClassicRequest.Beaten.class);
        bench.advance(10_000);
        assertThat(bench.group(GROUP).member("m")).isNull();
    }
}
