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

import io.tailrace.cluster.group.AdminRequest;
import io.tailrace.cluster.group.GroupHarness;
import io.tailrace.cluster.group.GroupRules;
import io.tailrace.cluster.group.OffsetRequest;
import io.tailrace.cluster.group.StateTable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

/**
 * Every state of a classic group against every event: the answer, and the state afterwards. The result is docs/group-states.md; run with
 * {@code -Dtailrace.regenerate=true} to write it anew.
 */
final class GroupStatesTest {

    /** A group with one member in generation 1, unless there is none. */
    private static final class Solo implements StateTable.Scene {
        GroupHarness harness = new GroupHarness(GroupRules.DEFAULT);
        String id = "";

        @Override
        public GroupHarness harness() {
            return harness;
        }

        @Override
        public String state() {
            return harness.machine().groups().get(GROUP) == null
                    ? "no group"
                    : group(harness).stateName();
        }
    }

    @Test
    void theDocumentSaysWhatTheMachineDoes() throws IOException {
        StateTable<Solo> table = new StateTable<>(
                "group-states.md",
                """
                # States of a classic group

                Made by `GroupStatesTest` from the machine itself; do not edit. The group has one member, in generation 1. Each cell: the answer, or
                "waits", and the state afterwards if it is another.
                """,
                Solo::new);
        table.state("no group", scene -> scene.id = "c-1");
        table.state("Empty", scene -> {
            scene.id = stableWithOne(scene.harness);
            scene.harness.send(leave(scene.id));
        });
        table.state("PreparingRebalance", scene -> {
            scene.id = stableWithOne(scene.harness);
            scene.harness.send(join("", "2"));
        });
        table.state("CompletingRebalance", scene -> {
            scene.harness.send(join("", "1"));
            scene.harness.advance(3_000);
            scene.id = "c-1";
        });
        table.state("Stable", scene -> scene.id = stableWithOne(scene.harness));

        table.request("join, new", scene -> join("", "9"));
        table.request("join, new, static", scene -> join("", "i9", "9", List.of("range")));
        table.request("join, member", scene -> join(scene.id, "9"));
        table.request("join, member, changed", scene -> join(scene.id, null, "9", List.of("range", "sticky")));
        table.request("join, unknown member", scene -> join("x", "9"));
        table.request("join, no common protocol", scene -> join("", null, "9", List.of("other")));
        table.request("sync", scene -> sync(scene.id, 1, Map.of(scene.id, bytes("a"))));
        table.request("sync, other generation", scene -> sync(scene.id, 9, Map.of()));
        table.request("sync, unknown member", scene -> sync("x", 1, Map.of()));
        table.request("heartbeat", scene -> beat(scene.id, 1));
        table.request("heartbeat, other generation", scene -> beat(scene.id, 9));
        table.request("heartbeat, unknown member", scene -> beat("x", 1));
        table.request("leave", scene -> leave(scene.id));
        table.request("leave, unknown member", scene -> leave("x"));
        table.request("commit", scene -> commit(scene.id, 1));
        table.request("commit, other generation", scene -> commit(scene.id, 9));
        table.request("commit, unknown member", scene -> commit("x", 1));
        table.request("commit, no member", scene -> commit("", -1));
        table.request("commit, in a transaction", scene -> transactional(scene.id, 1));
        table.request("fetch offsets", scene -> new OffsetRequest.Fetch(GROUP, null, -1, true, null));
        table.request("delete offsets", scene -> new OffsetRequest.Delete(GROUP, List.of(new TopicPartition("t", 0))));
        table.request("delete group", scene -> new AdminRequest.Delete(GROUP));
        table.request("connection closed", scene -> new ClassicRequest.Disconnected(GROUP, scene.id, 1_000));
        table.request("describe", scene -> new ClassicRequest.Describe(GROUP));

        table.event("session timeout", scene -> scene.harness.advance(10_001));
        table.event("rebalance timeout", scene -> {
            for (int second = 0; second < 31; second++) {
                scene.harness.advance(1_000);
                scene.harness.send(beat("c-1", 1));
            }
        });
        table.event("change of coordinator", scene -> scene.harness = scene.harness.successor());
        table.check();
    }

    private static OffsetRequest.Commit commit(String memberId, int generation) {
        return commit(memberId, generation, -1);
    }

    private static OffsetRequest.Commit transactional(String memberId, int generation) {
        return commit(memberId, generation, 7);
    }

    private static OffsetRequest.Commit commit(String memberId, int generation, long producerId) {
        return new OffsetRequest.Commit(
                GROUP,
                memberId,
                null,
                generation,
                (short) 9,
                -1,
                producerId,
                (short) (producerId < 0 ? -1 : 0),
                List.of(new OffsetRequest.Offset(new TopicPartition("t", 0), Uuid.ZERO_UUID, 1, -1, "")));
    }
}
