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

import io.tailrace.cluster.group.AdminRequest;
import io.tailrace.cluster.group.GroupHarness;
import io.tailrace.cluster.group.GroupRequest;
import io.tailrace.cluster.group.GroupRules;
import io.tailrace.cluster.group.OffsetRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/**
 * Every state of a classic group against every event: the answer, and the state afterwards. The result is docs/group-states.md; run with
 * {@code -Dtailrace.regenerate=true} to write it anew.
 */
final class GroupStatesTest {

    private static final Path DOCUMENT = Path.of("..", "docs", "group-states.md");

    /** A group with one member, {@code c-1}, in a state; generation 1 unless there is none. */
    private static final Map<String, Function<GroupHarness, String>> STATES = new LinkedHashMap<>();

    private static final Map<String, Function<String, GroupRequest>> REQUESTS = new LinkedHashMap<>();
    private static final Map<String, Consumer<GroupHarness>> OTHERS = new LinkedHashMap<>();

    static {
        STATES.put("no group", harness -> "c-1");
        STATES.put("Empty", harness -> {
            String id = stableWithOne(harness);
            harness.send(leave(id));
            return id;
        });
        STATES.put("PreparingRebalance", harness -> {
            String id = stableWithOne(harness);
            harness.send(join("", "2"));
            return id;
        });
        STATES.put("CompletingRebalance", harness -> {
            harness.send(join("", "1"));
            harness.advance(3_000);
            return "c-1";
        });
        STATES.put("Stable", Members::stableWithOne);

        REQUESTS.put("join, new", id -> join("", "9"));
        REQUESTS.put("join, new, static", id -> join("", "i9", "9", List.of("range")));
        REQUESTS.put("join, member", id -> join(id, "9"));
        REQUESTS.put("join, member, changed", id -> join(id, null, "9", List.of("range", "sticky")));
        REQUESTS.put("join, unknown member", id -> join("x", "9"));
        REQUESTS.put("join, no common protocol", id -> join("", null, "9", List.of("other")));
        REQUESTS.put("sync", id -> sync(id, 1, Map.of(id, bytes("a"))));
        REQUESTS.put("sync, other generation", id -> sync(id, 9, Map.of()));
        REQUESTS.put("sync, unknown member", id -> sync("x", 1, Map.of()));
        REQUESTS.put("heartbeat", id -> beat(id, 1));
        REQUESTS.put("heartbeat, other generation", id -> beat(id, 9));
        REQUESTS.put("heartbeat, unknown member", id -> beat("x", 1));
        REQUESTS.put("leave", Members::leave);
        REQUESTS.put("leave, unknown member", id -> leave("x"));
        REQUESTS.put("commit", id -> commit(id, 1));
        REQUESTS.put("commit, other generation", id -> commit(id, 9));
        REQUESTS.put("commit, unknown member", id -> commit("x", 1));
        REQUESTS.put("commit, no member", id -> commit("", -1));
        REQUESTS.put("commit, in a transaction", id -> transactional(id, 1));
        REQUESTS.put("fetch offsets", id -> new OffsetRequest.Fetch(GROUP, null, -1, true, null));
        REQUESTS.put("delete offsets", id -> new OffsetRequest.Delete(GROUP, List.of(new TopicPartition("t", 0))));
        REQUESTS.put("delete group", id -> new AdminRequest.Delete(GROUP));
        REQUESTS.put("connection closed", id -> new ClassicRequest.Disconnected(GROUP, id, 1_000));
        REQUESTS.put("describe", id -> new ClassicRequest.Describe(GROUP));

        OTHERS.put("session timeout", harness -> harness.advance(10_001));
        OTHERS.put("rebalance timeout", harness -> {
            for (int second = 0; second < 31; second++) {
                harness.advance(1_000);
                harness.send(beat("c-1", 1));
            }
        });
        OTHERS.put("change of coordinator", harness -> {});
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
                # States of a classic group

                Made by `GroupStatesTest` from the machine itself; do not edit. The group has one member, in generation 1. Each cell: the answer, or
                "waits", and the state afterwards if it is another.

                """);
        text.append("| event | ").append(String.join(" | ", STATES.keySet())).append(" |\n");
        text.append("|---".repeat(STATES.size() + 1)).append("|\n");
        REQUESTS.forEach((name, request) -> text.append(row(name, state -> afterRequest(state, request))));
        OTHERS.forEach((name, event) -> text.append(row(name, state -> afterEvent(name, state, event))));
        return text.toString();
    }

    private static String row(String event, Function<String, String> cell) {
        List<String> cells = new ArrayList<>();
        STATES.keySet().forEach(state -> cells.add(cell.apply(state)));
        return "| " + event + " | " + String.join(" | ", cells) + " |\n";
    }

    private static String afterRequest(String state, Function<String, GroupRequest> request) {
        GroupHarness harness = new GroupHarness(GroupRules.DEFAULT);
        String id = STATES.get(state).apply(harness);
        assertThat(stateOf(harness)).isEqualTo(state);
        long ticket = harness.send(request.apply(id));
        return said(harness.answer(ticket)) + moved(state, stateOf(harness));
    }

    private static String afterEvent(String event, String state, Consumer<GroupHarness> happen) {
        GroupHarness harness = new GroupHarness(GroupRules.DEFAULT);
        STATES.get(state).apply(harness);
        happen.accept(harness);
        GroupHarness seen = event.equals("change of coordinator") ? harness.successor() : harness;
        String after = stateOf(seen);
        return after.equals(state) ? "–" : "→ " + after;
    }

    private static String moved(String before, String after) {
        return before.equals(after) ? "" : " → " + after;
    }

    private static String stateOf(GroupHarness harness) {
        return harness.machine().groups().get(GROUP) == null
                ? "no group"
                : group(harness).stateName();
    }

    private static String said(Object answer) {
        return switch (answer) {
            case null -> "waits";
            case ClassicRequest.Joined joined -> error(joined.error());
            case ClassicRequest.Synced synced -> error(synced.error());
            case ClassicRequest.Beaten beaten -> error(beaten.error());
            case ClassicRequest.Left left ->
                error(left.error() != Errors.NONE ? left.error() : left.errors().get(0));
            case OffsetRequest.Committed committed -> error(committed.errors().get(0));
            case OffsetRequest.Deleted deleted ->
                error(
                        deleted.error() != Errors.NONE
                                ? deleted.error()
                                : deleted.errors().get(0));
            case OffsetRequest.Fetched fetched -> error(fetched.error());
            case AdminRequest.Done done -> error(done.error());
            case ClassicRequest.Described described -> error(described.error());
            default -> throw new AssertionError(answer);
        };
    }

    private static String error(Errors error) {
        return error == Errors.NONE ? "ok" : error.name();
    }
}
