// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads fields of an object that a stranger wrote; says what is wrong with it by {@link BadFrameException}. */
record JsonFields(JsonObject object) {

    static JsonFields parse(String text) {
        try {
            return new JsonFields(new JsonObject(text));
        } catch (DecodeException notJson) {
            throw new BadFrameException("not a JSON object");
        }
    }

    /** Refuses what this server would have to ignore. */
    JsonFields only(Set<String> known) {
        for (String name : object.fieldNames()) {
            if (!known.contains(name)) {
                throw new BadFrameException(
                        io.tailrace.gateway.session.ErrorCode.UNSUPPORTED, "field \"" + name + "\" is not known here");
            }
        }
        return this;
    }

    @Nullable
    Object any(String name) {
        return object.getValue(name);
    }

    boolean has(String name) {
        return object.containsKey(name);
    }

    String text(String name) {
        if (object.getValue(name) instanceof String text) {
            return text;
        }
        throw new BadFrameException("\"" + name + "\" must be a string");
    }

    /** A whole number from 0 to 2^53, the largest that JavaScript counts to. */
    long number(String name) {
        return number(name, object.getValue(name));
    }

    long number(String name, long fallback) {
        return object.containsKey(name) ? number(name) : fallback;
    }

    static long number(String name, @Nullable Object value) {
        if ((value instanceof Integer || value instanceof Long)
                && ((Number) value).longValue() >= 0
                && ((Number) value).longValue() <= 1L << 53) {
            return ((Number) value).longValue();
        }
        throw new BadFrameException("\"" + name + "\" must be a whole number from 0 to 2^53");
    }

    static int partition(@Nullable Object value) {
        return (int) Math.min(Integer.MAX_VALUE, number("partition", value));
    }

    JsonFields object(String name) {
        if (object.getValue(name) instanceof JsonObject inner) {
            return new JsonFields(inner);
        }
        throw new BadFrameException("\"" + name + "\" must be an object");
    }

    List<?> list(String name) {
        if (!object.containsKey(name)) {
            return List.of();
        }
        if (object.getValue(name) instanceof JsonArray list) {
            return list.stream().toList();
        }
        throw new BadFrameException("\"" + name + "\" must be an array");
    }
}
