// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import static io.tailrace.cluster.group.consumer.ProtocolMember.GROUP;

import io.tailrace.cluster.group.AdminRequest;
import io.tailrace.cluster.group.Group;
import io.tailrace.cluster.group.OffsetRequest;
import io.tailrace.cluster.group.StateTable;
import io.tailrace.cluster.group.classic.ClassicRequest;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

/**
 * Every state of a consumer group, alone and with a classic member, and a live classic group, against every event. The result is
 * docs/consumer-group-states.md; run with {@code -Dtailrace.regenerate=true} to write it anew.
 */
final class ConsumerStatesTest {

    /** A group with the member {@code m} of the consumer protocol and the classic member {@code c}, where it has them. */
    private static final class Scene implements StateTable.Scene {
        final GroupBench bench = new GroupBench();
        final ProtocolMember m = new ProtocolMember(bench, "m", "t");
        final ProtocolMember other = new ProtocolMember(bench, "other", "t");
        final ClassicConsumer c = new ClassicConsumer(bench, "1", null, "t");

        Scene() {
            bench.topic("t", 2);
        }

        void settle(boolean withC) {
            for (int round = 0; round < 6; round++) {
                m.beatAndReconcile();
                for (int turn = 0; withC && turn < 4; turn++) {
                    c.poll();
                }
            }
        }

        @Override
        public GroupBench harness() {
            return bench;
        }

        @Override
        public String state() {
            Group group = bench.machine().groups().get(GROUP);
            return group == null
                    ? "no group"
                    : (group.type() == GroupType.CLASSIC ? "Classic " : "") + group.stateName();
        }
    }

    @Test
    void theDocumentSaysWhatTheMachineDoes() throws IOException {
        StateTable<Scene> table = new StateTable<>(
                "consumer-group-states.md",
                """
                # States of a consumer group

                Made by `ConsumerStatesTest` from the machine itself; do not edit. `m` speaks the consumer protocol (KIP-848), `c` the classic one
                (JoinGroup, SyncGroup, and Heartbeat as "beat"). Each cell: the answer, or "waits", and the state afterwards if it is another.
                "Classic …" means that the group is, or became, a classic group: the migration policy is `bidirectional`.
                """,
                Scene::new);
        table.state("no group", scene -> {});
        table.state("Empty", scene -> {
            scene.m.beatAndReconcile();
            scene.m.leave();
        });
        table.state("Stable", scene -> scene.m.beatAndReconcile());
        table.state("Assigning", scene -> {
            scene.m.beatAndReconcile();
            scene.other.beatAndReconcile();
            scene.other.leave();
        });
        table.state("Reconciling", scene -> {
            scene.m.beatAndReconcile();
            scene.other.beatAndReconcile();
        });
        table.state("Stable, with c", scene -> scene.settle(true));
        table.state("Reconciling, with c", scene -> {
            scene.settle(true);
            scene.other.beatAndReconcile();
        });
        table.state("Classic Stable, of c", scene -> {
            while (scene.c.owned().isEmpty()) {
                scene.c.poll();
                scene.bench.advance(3_000);
            }
        });

        table.request("heartbeat, joins", scene -> beat("n", 0));
        table.request("heartbeat, m", scene -> beat("m", epoch(scene, "m")));
        table.request("heartbeat, m joins again", scene -> beat("m", 0));
        table.request("heartbeat, m of another epoch", scene -> beat("m", 99));
        table.request("heartbeat, unknown member", scene -> beat("x", 1));
        table.request("heartbeat, m leaves", scene -> beat("m", -1));
        table.request("heartbeat, unknown leaves", scene -> beat("x", -1));
        table.request("join, new", scene -> new ClassicConsumer(scene.bench, "9", "i9", "t").joinRequest());
        table.request(
                "join, new, asked for its id", scene -> new ClassicConsumer(scene.bench, "9", null, "t").joinRequest());
        table.request("join, c", scene -> scene.c.joinRequest());
        table.request("join, other protocol type", scene -> connect(scene.c.joinRequest()));
        table.request("sync, c", scene -> sync(scene.c, scene.c.generation()));
        table.request("sync, c of another generation", scene -> sync(scene.c, 99));
        table.request("beat, c", scene -> new ClassicRequest.Heartbeat(GROUP, id(scene.c), null, scene.c.generation()));
        table.request(
                "beat, c of another generation", scene -> new ClassicRequest.Heartbeat(GROUP, id(scene.c), null, 99));
        table.request("beat, m", scene -> new ClassicRequest.Heartbeat(GROUP, "m", null, epoch(scene, "m")));
        table.request("leave, c", scene -> leave(id(scene.c)));
        table.request("leave, m", scene -> leave("m"));
        table.request("leave, unknown member", scene -> leave("x"));
        table.request("connection of m closed", scene -> new ClassicRequest.Disconnected(GROUP, "m", 1_000));
        table.request("commit, m", scene -> commit("m", epoch(scene, "m")));
        table.request("commit, m of another epoch", scene -> commit("m", 99));
        table.request("commit, c", scene -> commit(id(scene.c), scene.c.generation()));
        table.request("commit, c of another generation", scene -> commit(id(scene.c), 99));
        table.request("commit, unknown member", scene -> commit("x", 1));
        table.request("commit, no member", scene -> commit("", -1));
        table.request("fetch offsets, m", scene -> new OffsetRequest.Fetch(GROUP, "m", epoch(scene, "m"), true, null));
        table.request(
                "fetch offsets, m of another epoch", scene -> new OffsetRequest.Fetch(GROUP, "m", 99, true, null));
        table.request("fetch offsets, no member", scene -> new OffsetRequest.Fetch(GROUP, null, -1, true, null));
        table.request("delete offsets", scene -> new OffsetRequest.Delete(GROUP, List.of(new TopicPartition("t", 0))));
        table.request("delete group", scene -> new AdminRequest.Delete(GROUP));
        table.request("describe", scene -> new ConsumerRequest.Describe(GROUP));
        table.request("describe, classic", scene -> new ClassicRequest.Describe(GROUP));

        table.event("session timeouts", scene -> scene.bench.advance(45_001));
        table.event("topic grows, m reports", scene -> {
            scene.bench.topic("t", 3);
            if (scene.state().contains("ing") || scene.state().startsWith("Stable")) {
                scene.m.beat();
            }
        });
        table.check();
    }

    private static int epoch(Scene scene, String memberId) {
        return scene.bench
                .findGroup(GROUP)
                .flatMap(group -> Optional.ofNullable(group.member(memberId)))
                .map(member -> member.holding().memberEpoch())
                .orElse(1);
    }

    private static String id(ClassicConsumer classic) {
        return classic.memberId().isEmpty() ? "c" : classic.memberId();
    }

    private static ConsumerRequest.Heartbeat beat(String memberId, int epoch) {
        return ProtocolMember.request(
                memberId, epoch, null, epoch == 0 ? List.of("t") : null, null, epoch == 0 ? Set.of() : null);
    }

    private static ClassicRequest.Sync sync(ClassicConsumer classic, int generation) {
        return new ClassicRequest.Sync(
                GROUP, id(classic), null, generation, "consumer", "cooperative-sticky", Map.of());
    }

    private static ClassicRequest.Leave leave(String memberId) {
        return new ClassicRequest.Leave(GROUP, List.of(new ClassicRequest.Leaver(memberId, null)));
    }

    private static ClassicRequest.Join connect(ClassicRequest.Join join) {
        return new ClassicRequest.Join(
                join.groupId(),
                "",
                "i9",
                join.freshId(),
                join.client(),
                "connect",
                join.protocols(),
                join.sessionTimeoutMs(),
                join.rebalanceTimeoutMs(),
                join.askForId(),
                join.canSkipAssignment());
    }

    private static OffsetRequest.Commit commit(String memberId, int epoch) {
        return new OffsetRequest.Commit(
                GROUP,
                memberId,
                null,
                epoch,
                (short) 9,
                -1,
                -1,
                (short) -1,
                List.of(new OffsetRequest.Offset(new TopicPartition("t", 0), Uuid.ZERO_UUID, 1, -1, "")));
    }
}
