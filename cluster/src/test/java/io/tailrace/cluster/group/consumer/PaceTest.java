// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import static io.tailrace.cluster.group.consumer.ProtocolMember.GROUP;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When members of a consumer group are asked to report. */
class PaceTest {

    private final GroupBench bench = new GroupBench();

    private ProtocolMember member(String id, String... topics) {
        return new ProtocolMember(bench, id, topics);
    }

    @Test
    void asksMembersToReportSoonerWhileTheGroupMoves() {
        bench.topic("t", 2);
        ProtocolMember a = member("a", "t");
        ProtocolMember b = member("b", "t");
        a.beatAndReconcile();
        bench.advance(60_000);
        a.beatAndReconcile();
        List<Integer> told = new ArrayList<>();
        int intervalMs = b.beatAndReconcile().heartbeatIntervalMs();
        while (intervalMs < 5_000) {
            told.add(intervalMs);
            bench.advance(intervalMs);
            a.beatAndReconcile();
            intervalMs = b.beatAndReconcile().heartbeatIntervalMs();
        }
        assertThat(told.get(0)).isBetween(75, 100);
        assertThat(told).as("later and later").isSorted().hasSizeBetween(8, 16);
        assertThat(a.owned()).hasSize(1);
        assertThat(b.owned()).hasSize(1);
        assertThat(a.beat().heartbeatIntervalMs()).isEqualTo(5_000);
    }

    @Test
    void letsAGroupHaveItsOwnIntervalWithinBounds() {
        bench.topic("t", 1);
        bench.groupConfig(GROUP, "consumer.heartbeat.interval.ms", "999999");
        ProtocolMember a = member("a", "t");
        a.beatAndReconcile();
        bench.advance(30_000);
        assertThat(a.beat().heartbeatIntervalMs()).isEqualTo(15_000);
    }

    @Test
    void asksAMemberThatWaitsForASlowOneAtTheNormalInterval() {
        bench.topic("t", 2);
        ProtocolMember slow = member("a", "t");
        ProtocolMember waits = member("b", "t");
        slow.beatAndReconcile();
        waits.beatAndReconcile();
        bench.advance(10_000);
        slow.beat();
        assertThat(waits.beat().heartbeatIntervalMs()).isEqualTo(5_000);
        assertThat(waits.owned()).isEmpty();
    }

    @Test
    void takesAPartitionFromTheMemberThatReportsNext() {
        bench.topic("t", 4);
        ProtocolMember a = member("a", "t");
        ProtocolMember b = member("b", "t");
        for (int round = 0; round < 4; round++) {
            bench.advance(20_000);
            a.beatAndReconcile();
            bench.advance(1_000);
            b.beatAndReconcile();
        }
        member("c", "t").beat();
        assertThat(bench.group(GROUP).target("a")).as("in 4 s").hasSize(1);
        assertThat(bench.group(GROUP).target("b")).as("in 5 s").hasSize(2);
    }
}
