// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.group.classic.ClassicRequest;
import io.tailrace.cluster.group.consumer.ConsumerRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.common.protocol.Errors;

/**
 * A document in {@code docs} with every state of a kind of group against every event: the answer, and the state afterwards if it is another.
 * {@code -Dtailrace.regenerate=true} writes it, and else it must say what the machine does.
 *
 * @param <S> a group and its members
 */
public final class StateTable<S extends StateTable.Scene> {

    /** What a state is made of, and looked at through. */
    public interface Scene {

        GroupHarness harness();

        /** The state of the group, or that there is none. */
        String state();
    }

    private final Path document;
    private final String introduction;
    private final Supplier<S> newScene;
    private final Map<String, Consumer<S>> states = new LinkedHashMap<>();
    private final Map<String, Function<S, GroupRequest>> requests = new LinkedHashMap<>();
    private final Map<String, Consumer<S>> events = new LinkedHashMap<>();

    public StateTable(String document, String introduction, Supplier<S> newScene) {
        this.document = Path.of("..", "docs", document);
        this.introduction = introduction;
        this.newScene = newScene;
    }

    /** @param name begins with the state as the scene tells it, once {@code reach} has led there */
    public void state(String name, Consumer<S> reach) {
        states.put(name, reach);
    }

    public void request(String name, Function<S, GroupRequest> request) {
        requests.put(name, request);
    }

    public void event(String name, Consumer<S> event) {
        events.put(name, event);
    }

    public void check() throws IOException {
        String made = introduction
                + "\n| event | " + String.join(" | ", states.keySet()) + " |\n"
                + "|---".repeat(states.size() + 1) + "|\n"
                + rows(requests, this::afterRequest)
                + rows(events, this::afterEvent);
        if (Boolean.getBoolean("tailrace.regenerate")) {
            Files.writeString(document, made);
        }
        assertThat(Files.readString(document)).isEqualTo(made);
    }

    private interface Cell<S, T> {
        String of(S scene, T what);
    }

    private <T> String rows(Map<String, T> all, Cell<S, T> cell) {
        return all.entrySet().stream()
                .map(row -> "| " + row.getKey() + " | "
                        + states.keySet().stream()
                                .map(state -> cell.of(scene(state), row.getValue()))
                                .collect(Collectors.joining(" | "))
                        + " |\n")
                .collect(Collectors.joining());
    }

    private S scene(String state) {
        S scene = newScene.get();
        states.get(state).accept(scene);
        assertThat(state).startsWith(scene.state());
        return scene;
    }

    private String afterRequest(S scene, Function<S, GroupRequest> request) {
        String before = scene.state();
        Optional<GroupAnswer> answer = scene.harness().poll(scene.harness().send(request.apply(scene)));
        String after = scene.state();
        return answer.map(StateTable::said).orElse("waits") + (before.equals(after) ? "" : " → " + after);
    }

    private String afterEvent(S scene, Consumer<S> event) {
        String before = scene.state();
        event.accept(scene);
        String after = scene.state();
        return before.equals(after) ? "–" : "→ " + after;
    }

    private static String said(GroupAnswer answer) {
        Errors error = error(answer);
        return error == Errors.NONE ? "ok" : error.name();
    }

    private static Errors error(GroupAnswer answer) {
        return switch (answer) {
            case ConsumerRequest.Beaten beaten -> beaten.error();
            case ConsumerRequest.Described described -> described.error();
            case ClassicRequest.Joined joined -> joined.error();
            case ClassicRequest.Synced synced -> synced.error();
            case ClassicRequest.Beaten beaten -> beaten.error();
            case ClassicRequest.Left left ->
                left.error() == Errors.NONE ? left.errors().get(0) : left.error();
            case ClassicRequest.Described described -> described.error();
            case OffsetRequest.Committed committed -> committed.errors().get(0);
            case OffsetRequest.Fetched fetched -> fetched.error();
            case OffsetRequest.Deleted deleted ->
                deleted.error() == Errors.NONE ? deleted.errors().get(0) : deleted.error();
            case AdminRequest.Done done -> done.error();
            default -> throw new AssertionError(answer);
        };
    }
}
