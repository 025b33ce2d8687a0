// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import io.tailrace.gateway.session.Filter;
import io.tailrace.gateway.session.Filter.Comparison;
import io.tailrace.gateway.session.Filter.FieldTest;
import io.tailrace.gateway.session.Filter.HeaderTest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads filters as clients write them. */
final class Filters {

    /** Evaluated for each record: what a client may have us do for one is bounded. */
    private static final int MOST_TESTS = 16;

    private static final int LONGEST_PATH = 200;

    private Filters() {}

    static Filter of(@Nullable Object filter) {
        if (filter == null) {
            return Filter.ALL;
        }
        if (!(filter instanceof JsonObject object)) {
            throw new BadFrameException("\"filter\" must be an object");
        }
        JsonFields fields = new JsonFields(object).only(Set.of("key", "keyPrefix", "headers", "json"));
        List<HeaderTest> headers = new ArrayList<>();
        if (fields.has("headers")) {
            for (Map.Entry<String, Object> header : fields.object("headers").object()) {
                headers.add(new HeaderTest(header.getKey(), bytes("headers", header.getValue())));
            }
        }
        List<FieldTest> tests = new ArrayList<>();
        if (fields.has("json")) {
            for (Map.Entry<String, Object> field : fields.object("json").object()) {
                tests.addAll(tests(field.getKey(), field.getValue()));
            }
        }
        if (headers.size() + tests.size() > MOST_TESTS) {
            throw new BadFrameException("a filter may have " + MOST_TESTS + " tests");
        }
        return new Filter(
                fields.has("key") ? bytes("key", fields.any("key")) : null,
                fields.has("keyPrefix") ? bytes("keyPrefix", fields.any("keyPrefix")) : null,
                headers,
                tests);
    }

    private static ByteBuffer bytes(String name, @Nullable Object value) {
        byte[] bytes = NewRecords.bytes(name, value);
        if (bytes == null) {
            throw new BadFrameException("\"" + name + "\" of a filter must not be null");
        }
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }

    private static List<FieldTest> tests(String path, @Nullable Object expected) {
        if (path.isEmpty() || path.length() > LONGEST_PATH) {
            throw new BadFrameException("a path has 1 to " + LONGEST_PATH + " characters");
        }
        List<String> steps = List.of(path.split("\\.", -1));
        if (!(expected instanceof JsonObject comparisons)) {
            return List.of(new FieldTest(steps, Comparison.EQ, operand(Comparison.EQ, expected)));
        }
        List<FieldTest> tests = new ArrayList<>();
        for (Map.Entry<String, Object> one : comparisons) {
            Comparison comparison = Arrays.stream(Comparison.values())
                    .filter(known -> known.name().toLowerCase(Locale.ROOT).equals(one.getKey()))
                    .findFirst()
                    .orElseThrow(
                            () -> new BadFrameException("a comparison is one of eq, ne, lt, le, gt, ge and prefix"));
            tests.add(new FieldTest(steps, comparison, operand(comparison, one.getValue())));
        }
        return tests;
    }

    private static @Nullable Object operand(Comparison comparison, @Nullable Object value) {
        boolean fits =
                switch (comparison) {
                    case EQ, NE -> !(value instanceof JsonObject) && !(value instanceof JsonArray);
                    case LT, LE, GT, GE -> value instanceof Number || value instanceof String;
                    case PREFIX -> value instanceof String;
                };
        if (!fits) {
            throw new BadFrameException("a field cannot be compared so");
        }
        return value;
    }

    /** For an address: the filter as JSON text. */
    static Filter parse(@Nullable String text) {
        return text == null || text.isEmpty()
                ? Filter.ALL
                : of(JsonFields.parse(text).object());
    }
}
