// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import static io.tailrace.cluster.group.consumer.ProtocolMember.GROUP;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.group.AdminRequest;
import io.tailrace.cluster.group.Group;
import io.tailrace.cluster.group.GroupAnswer;
import io.tailrace.cluster.group.GroupRequest;
import io.tailrace.cluster.group.OffsetRequest;
import io.tailrace.cluster.group.classic.ClassicRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/**
 * Every state of a consumer group, alone and with a classic member, and a live classic group, against every event. The result is
 * docs/consumer-group-states.md; run with {@code -Dtailrace.regenerate=true} to write it anew.
 */
final class ConsumerStatesTest {

    private static final Path DOCUMENT = Path.of("..", "docs", "consumer-group-states.md");

    /** A group with the member {@code m} of the consumer protocol and the classic member {@code c}, where it has them. */
    private static final class Scene {
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

        String state() {
            Group group = bench.machine().groups().get(GROUP);
            return group == null
                    ? "no group"
                    : (group.type() == GroupType.CLASSIC ? "Classic " : "") + group.stateName();
        }
    }

    private static final Map<String, Consumer<Scene>> STATES = new LinkedHashMap<>();
    private static final Map<String, Function<Scene, GroupRequest>> REQUESTS = new LinkedHashMap<>();
    private static final Map<String, Consumer<Scene>> OTHERS = new LinkedHashMap<>();

    static {
        STATES.put("no group", scene -> {});
        STATES.put("Empty", scene -> {
            scene.m.beatAndReconcile();
            scene.m.leave();
        });
        STATES.put("Stable", scene -> scene.m.beatAndReconcile());
        STATES.put("Assigning", scene -> {
            scene.m.beatAndReconcile();
            scene.other.beatAndReconcile();
            scene.other.leave();
        });
        STATES.put("Reconciling", scene -> {
            scene.m.beatAndReconcile();
            scene.other.beatAndReconcile();
        });
        STATES.put("Stable, with c", scene -> scene.settle(true));
        STATES.put("Reconciling, with c", scene -> {
            scene.settle(true);
            scene.other.beatAndReconcile();
        });
        STATES.put("Classic Stable, of c", scene -> {
            while (scene.c.owned().isEmpty()) {
                scene.c.poll();
                scene.bench.advance(3_000);
            }
        });

        REQUESTS.put("heartbeat, joins", scene -> beat("n", 0));
        REQUESTS.put("heartbeat, m", scene -> beat("m", epoch(scene, "m")));
        REQUESTS.put("heartbeat, m joins again", scene -> beat("m", 0));
        REQUESTS.put("heartbeat, m of another epoch", scene -> beat("m", 99));
        REQUESTS.put("heartbeat, unknown member", scene -> beat("x", 1));
        REQUESTS.put("heartbeat, m leaves", scene -> beat("m", -1));
        REQUESTS.put("heartbeat, unknown leaves", scene -> beat("x", -1));
        REQUESTS.put("join, new", scene -> new ClassicConsumer(scene.bench, "9", "i9", "t").joinRequest());
        REQUESTS.put(
                "join, new, asked for its id", scene -> new ClassicConsumer(scene.bench, "9", null, "t").joinRequest());
        REQUESTS.put("join, c", scene -> scene.c.joinRequest());
        REQUESTS.put("join, other protocol type", scene -> connect(scene.c.joinRequest()));
        REQUESTS.put("sync, c", scene -> sync(scene.c, scene.c.generation()));
        REQUESTS.put("sync, c of another generation", scene -> sync(scene.c, 99));
        REQUESTS.put("beat, c", scene -> new ClassicRequest.Heartbeat(GROUP, id(scene.c), null, scene.c.generation()));
        REQUESTS.put(
                "beat, c of another generation", scene -> new ClassicRequest.Heartbeat(GROUP, id(scene.c), null, 99));
        REQUESTS.put("beat, m", scene -> new ClassicRequest.Heartbeat(GROUP, "m", null, epoch(scene, "m")));
        REQUESTS.put("leave, c", scene -> leave(id(scene.c)));
        REQUESTS.put("leave, m", scene -> leave("m"));
        REQUESTS.put("leave, unknown member", scene -> leave("x"));
        REQUESTS.put("connection of m closed", scene -> new ClassicRequest.Disconnected(GROUP, "m", 1_000));
        REQUESTS.put("commit, m", scene -> commit("m", epoch(scene, "m")));
        REQUESTS.put("commit, m of another epoch", scene -> commit("m", 99));
        REQUESTS.put("commit, c", scene -> commit(id(scene.c), scene.c.generation()));
        REQUESTS.put("commit, c of another generation", scene -> commit(id(scene.c), 99));
        REQUESTS.put("commit, unknown member", scene -> commit("x", 1));
        REQUESTS.put("commit, no member", scene -> commit("", -1));
        REQUESTS.put("fetch offsets, m", scene -> new OffsetRequest.Fetch(GROUP, "m", epoch(scene, "m"), true, null));
        REQUESTS.put("fetch offsets, m of another epoch", scene -> new OffsetRequest.Fetch(GROUP, "m", 99, true, null));
        REQUESTS.put("fetch offsets, no member", scene -> new OffsetRequest.Fetch(GROUP, null, -1, true, null));
        REQUESTS.put("delete offsets", scene -> new OffsetRequest.Delete(GROUP, List.of(new TopicPartition("t", 0))));
        REQUESTS.put("delete group", scene -> new AdminRequest.Delete(GROUP));
        REQUESTS.put("describe", scene -> new ConsumerRequest.Describe(GROUP));
        REQUESTS.put("describe, classic", scene -> new ClassicRequest.Describe(GROUP));

        OTHERS.put("session timeouts", scene -> scene.bench.advance(45_001));
        OTHERS.put("topic grows, m reports", scene -> {
            scene.bench.topic("t", 3);
            if (scene.state().contains("ing") || scene.state().startsWith("Stable")) {
                scene.m.beat();
            }
        });
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

    @Test
    void theDocumentSaysWhatTheMachineDoes() throws IOException {
        String made = document();
        if (Boolean.getBoolean("tailrace.regenerate")) {
            Files.writeString(DOCUMENT, made);
        }
        assertThat(Files.readString(DOCUMENT)).isEqualTo(made);
    }

    private static String document() {
        StringBuilder text = new StringBuilder(
                """
                # States of a consumer group

                Made by `ConsumerStatesTest` from the machine itself; do not edit. `m` speaks the consumer protocol (KIP-848), `c` the classic one
                (JoinGroup, SyncGroup, and Heartbeat as "beat"). Each cell: the answer, or "waits", and the state afterwards if it is another.
                "Classic …" means that the group is, or became, a classic group: the migration policy is `bidirectional`.

                """);
        text.append("| event | ").append(String.join(" | ", STATES.keySet())).append(" |\n");
        text.append("|---".repeat(STATES.size() + 1)).append("|\n");
        REQUESTS.forEach((name, request) -> text.append(row(name, state -> afterRequest(state, request))));
        OTHERS.forEach((name, event) -> text.append(row(name, state -> afterEvent(state, event))));
        return text.toString();
    }

    private static String row(String event, Function<String, String> cell) {
        List<String> cells = new ArrayList<>();
        STATES.keySet().forEach(state -> cells.add(cell.apply(state)));
        return "| " + event + " | " + String.join(" | ", cells) + " |\n";
    }

    private static Scene scene(String state) {
        Scene scene = new Scene();
        STATES.getOrDefault(state, none -> {}).accept(scene);
        assertThat(state).startsWith(scene.state());
        return scene;
    }

    private static String afterRequest(String state, Function<Scene, GroupRequest> request) {
        Scene scene = scene(state);
        String before = scene.state();
        Optional<GroupAnswer> answer = scene.bench.poll(scene.bench.send(request.apply(scene)));
        return answer.map(ConsumerStatesTest::said).orElse("waits") + moved(before, scene.state());
    }

    private static String afterEvent(String state, Consumer<Scene> event) {
        Scene scene = scene(state);
        String before = scene.state();
        event.accept(scene);
        return before.equals(scene.state()) ? "–" : "→ " + scene.state();
    }

    private static String moved(String before, String after) {
        return before.equals(after) ? "" : " → " + after;
    }

    private static String said(GroupAnswer answer) {
        Errors error =
                switch (answer) {
                    case ConsumerRequest.Beaten beaten -> beaten.error();
                    case ConsumerRequest.Described described -> described.error();
                    case ClassicRequest.Joined joined -> joined.error();
                    case ClassicRequest.Synced synced -> synced.error();
                    case ClassicRequest.Beaten beaten -> beaten.error();
                    case ClassicRequest.Left left ->
                        left.error() != Errors.NONE
                                ? left.error()
                                : left.errors().get(0);
                    case ClassicRequest.Described described -> described.error();
                    case OffsetRequest.Committed committed -> committed.errors().get(0);
                    case OffsetRequest.Fetched fetched -> fetched.error();
                    case OffsetRequest.Deleted deleted ->
                        deleted.error() != Errors.NONE
                                ? deleted.error()
                                : deleted.errors().get(0);
                    case AdminRequest.Done done -> done.error();
                    default -> throw new AssertionError(answer);
                };
        return error == Errors.NONE ? "ok" : error.name();
    }
}
