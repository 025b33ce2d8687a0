// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.admin;

import io.tailrace.gateway.access.Visitor;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request, parsed.
 *
 * @param path what stands at the places in braces of the route's path, in order
 * @param query parameters of the address
 * @param body empty if there is none
 */
record Ask(Visitor visitor, List<String> path, Map<String, String> query, JsonObject body) {

    String name() {
        return path.get(0);
    }

    String text(String parameter) {
        return query.getOrDefault(parameter, "");
    }

    boolean flag(String parameter) {
        return "true".equals(query.get(parameter));
    }

    /** A whole number of the address within bounds; {@code usual} if it is not given. */
    int number(String parameter, int usual, int least, int most) {
        String text = query.get(parameter);
        if (text == null) {
            return usual;
        }
        if (!text.matches("\\d{1,9}") || Integer.parseInt(text) < least || Integer.parseInt(text) > most) {
            throw AdminException.invalid(parameter + " must be a number from " + least + " to " + most);
        }
        return Integer.parseInt(text);
    }

    /** A field of the body; null if it is not given. */
    <T> @Nullable T field(String name, Class<T> type) {
        Object value = body.getValue(name);
        if (value == null) {
            return null;
        }
        if (!type.isInstance(value)) {
            throw AdminException.invalid(name + " must be " + kind(type));
        }
        return type.cast(value);
    }

    <T> T required(String name, Class<T> type) {
        T value = field(name, type);
        if (value == null) {
            throw AdminException.invalid(name + " is missing");
        }
        return value;
    }

    int wholeNumber(String name, int usual) {
        Number value = field(name, Number.class);
        if (value == null) {
            return usual;
        }
        if (value.doubleValue() != value.intValue()) {
            throw AdminException.invalid(name + " must be a whole number");
        }
        return value.intValue();
    }

    private static String kind(Class<?> type) {
        return type == String.class
                ? "text"
                : type == Boolean.class ? "true or false" : type == Number.class ? "a number" : "an object or a list";
    }
}
