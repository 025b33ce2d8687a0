// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.gateway.session.ClientFrame;
import io.tailrace.gateway.session.Credit;
import io.tailrace.gateway.session.ErrorCode;
import io.tailrace.gateway.session.Filter;
import io.tailrace.gateway.session.GapReason;
import io.tailrace.gateway.session.Limits;
import io.tailrace.gateway.session.PartitionState;
import io.tailrace.gateway.session.Position;
import io.tailrace.gateway.session.ServerFrame;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The AsyncAPI document is about the frames that there are, with the fields that they have. */
final class AsyncApiTest {

    private static final ServerFrame.Token TOKEN = new ServerFrame.Token(1, "AQE");

    /** One at least of each kind. */
    private static final List<ServerFrame> TOLD = List.of(
            new ServerFrame.Welcome("5e2d", 1, Limits.defaults(), Optional.of(true)),
            new ServerFrame.Welcome("5e2d", 1, Limits.defaults(), Optional.empty()),
            new ServerFrame.Subscribed(1, Map.of(0, TOKEN)),
            new ServerFrame.Assigned(1, 0, TOKEN),
            new ServerFrame.Revoked(1, Set.of(0, 1), 5_000),
            new ServerFrame.Committed(1, 2),
            new ServerFrame.Gap(1, 0, 3, 8, GapReason.RETENTION),
            new ServerFrame.State(1, 0, PartitionState.LIVE),
            new ServerFrame.Unsubscribed(1),
            new ServerFrame.Published(1, 0, 7, "AAA"),
            new ServerFrame.Published(1, 0, -1, "AAA"),
            new ServerFrame.Producer("4711"),
            new ServerFrame.Failed(OptionalLong.of(1), OptionalLong.empty(), ErrorCode.LIMIT, "no"),
            new ServerFrame.Failed(OptionalLong.empty(), OptionalLong.of(1), ErrorCode.LIMIT, "no"),
            new ServerFrame.Pong(),
            new ServerFrame.Drain(2_000));

    private static JsonObject document;

    @BeforeAll
    static void read() throws Exception {
        try (InputStream file = AsyncApiTest.class.getResourceAsStream("/io/tailrace/gateway/web/asyncapi.json")) {
            document = new JsonObject(new String(file.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void describesEveryFrameOfTheServerAndNoOther() {
        assertThat(TOLD.stream().map(Object::getClass).collect(Collectors.toSet()))
                .as("samples of every kind")
                .containsExactlyInAnyOrder(ServerFrame.class.getPermittedSubclasses());
        Set<String> told = new TreeSet<>(Set.of("data"));
        for (ServerFrame frame : TOLD) {
            JsonObject json = new JsonObject(ServerFrames.text(frame));
            told.add(json.getString("type"));
            assertFits(json);
        }
        assertThat(messages("hear")).isEqualTo(told);
    }

    @Test
    void describesRecordsAsTheyAreSent() {
        SimpleRecord plain = new SimpleRecord(5, "a".getBytes(StandardCharsets.UTF_8), null, new Header[] {
            new RecordHeader("h", new byte[] {1}), new RecordHeader("none", null)
        });
        SimpleRecord binary = new SimpleRecord(6, null, new byte[] {(byte) 0xFF});
        byte[] body = new OneReader(
                        new PartitionKey(Uuid.ONE_UUID, "t", 0),
                        new View(Encoding.JSON_FRAME, Filter.ALL),
                        Position.at(0),
                        new Credit.Grant(10, 1_000),
                        List.of())
                .decode(
                        MemoryRecords.withRecords(Compression.NONE, plain, binary)
                                .buffer(),
                        1)
                .get(0)
                .body()
                .getBytes();
        assertFits(new JsonObject("{\"type\":\"data\",\"id\":1," + new String(body, StandardCharsets.UTF_8)));
    }

    @Test
    void describesEveryFrameOfAClientWithEveryFieldAndNoOther() {
        Set<Class<?>> parsed = new java.util.HashSet<>();
        for (String name : messages("say")) {
            Set<String> shown = new TreeSet<>();
            for (JsonObject example : examples(name)) {
                parsed.add(ClientFrames.parse(example.encode()).getClass());
                shown.addAll(example.fieldNames());
            }
            assertThat(shown)
                    .as("fields in the examples of %s", name)
                    .isEqualTo(payload(name).getJsonObject("properties").fieldNames());
        }
        assertThat(parsed).containsExactlyInAnyOrder(ClientFrame.class.getPermittedSubclasses());
    }

    @Test
    void itsExamplesAreWhatItDescribes() {
        Stream.of("say", "hear").flatMap(way -> messages(way).stream()).forEach(name -> {
            assertThat(examples(name)).as(name).isNotEmpty();
            examples(name).forEach(AsyncApiTest::assertFits);
        });
    }

    @Test
    void namesEveryErrorReasonAndState() {
        assertThat(words(schema("errorCode")))
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(ErrorCode.values()).map(ErrorCode::text).toList());
        JsonObject gap = payload("gap").getJsonObject("properties").getJsonObject("reason");
        assertThat(words(gap))
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(GapReason.values()).map(GapReason::text).toList());
        JsonObject state = payload("state").getJsonObject("properties").getJsonObject("state");
        assertThat(words(state))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(PartitionState.values())
                        .map(PartitionState::text)
                        .toList());
    }

    private static List<Object> words(JsonObject schema) {
        return schema.getJsonArray("enum").stream().toList();
    }

    private static Set<String> messages(String operation) {
        return document.getJsonObject("operations").getJsonObject(operation).getJsonArray("messages").stream()
                .map(message -> ((JsonObject) message).getString("$ref"))
                .map(ref -> ref.substring(ref.lastIndexOf('/') + 1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static JsonObject payload(String name) {
        return message(name).getJsonObject("payload");
    }

    private static List<JsonObject> examples(String name) {
        return message(name).getJsonArray("examples").stream()
                .map(example -> ((JsonObject) example).getJsonObject("payload"))
                .toList();
    }

    private static JsonObject message(String name) {
        return document.getJsonObject("components").getJsonObject("messages").getJsonObject(name);
    }

    private static JsonObject schema(String name) {
        return document.getJsonObject("components").getJsonObject("schemas").getJsonObject(name);
    }

    private static void assertFits(JsonObject frame) {
        JsonObject payload = payload(frame.getString("type"));
        assertThat(fits(frame, payload)).as("%s is %s", frame, payload).isTrue();
        assertThat(payload.getJsonObject("properties").fieldNames())
                .as("fields of %s", frame)
                .containsAll(frame.fieldNames());
    }

    /** As much of JSON Schema as the document uses. */
    private static boolean fits(Object value, JsonObject schema) {
        if (schema.containsKey("$ref")) {
            String ref = schema.getString("$ref");
            return fits(value, schema(ref.substring(ref.lastIndexOf('/') + 1)));
        }
        if (schema.containsKey("oneOf")) {
            return schema.getJsonArray("oneOf").stream().anyMatch(one -> fits(value, (JsonObject) one));
        }
        if (schema.containsKey("const") && !schema.getValue("const").equals(value)
                || schema.containsKey("enum") && !schema.getJsonArray("enum").contains(value)) {
            return false;
        }
        Object type = schema.getValue("type");
        Stream<?> types =
                type == null ? Stream.of() : type instanceof JsonArray several ? several.stream() : Stream.of(type);
        if (type != null && types.noneMatch(one -> is(value, (String) one))) {
            return false;
        }
        return !(value instanceof JsonObject object && !fieldsFit(object, schema))
                && !(value instanceof JsonArray list && !itemsFit(list, schema));
    }

    private static boolean is(Object value, String type) {
        return switch (type) {
            case "object" -> value instanceof JsonObject;
            case "array" -> value instanceof JsonArray;
            case "string" -> value instanceof String;
            case "boolean" -> value instanceof Boolean;
            case "integer" -> value instanceof Integer || value instanceof Long;
            case "number" -> value instanceof Number;
            case "null" -> value == null;
            default -> throw new AssertionError("a type " + type);
        };
    }

    private static boolean fieldsFit(JsonObject object, JsonObject schema) {
        JsonObject properties = schema.getJsonObject("properties", new JsonObject());
        Object others = schema.getValue("additionalProperties", true);
        return schema.getJsonArray("required", new JsonArray()).stream()
                        .allMatch(name -> object.containsKey((String) name))
                && object.fieldNames().stream().allMatch(name -> {
                    if (properties.containsKey(name)) {
                        return fits(object.getValue(name), properties.getJsonObject(name));
                    }
                    return others instanceof JsonObject other ? fits(object.getValue(name), other) : (Boolean) others;
                });
    }

    private static boolean itemsFit(JsonArray list, JsonObject schema) {
        JsonArray prefix = schema.getJsonArray("prefixItems", new JsonArray());
        for (int i = 0; i < list.size(); i++) {
            JsonObject item = i < prefix.size() ? prefix.getJsonObject(i) : schema.getJsonObject("items");
            if (item != null && !fits(list.getValue(i), item)) {
                return false;
            }
        }
        return list.size() >= schema.getInteger("minItems", 0);
    }
}
