// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.common.config.ConfigDef.Type;

/**
 * One thing that can be set.
 *
 * @param name as written in the file; Kafka's name where Kafka has one
 * @param type Kafka's name for the type, for clients that ask (DescribeConfigs)
 * @param fallback the default as text; empty where the default is "not set"
 * @param allowed what a value may be, in words, with its unit
 * @param doc what it does, one or two sentences
 * @param parse text to value; throws {@link IllegalArgumentException} on what is not allowed
 */
public record Key<T>(String name, Type type, String fallback, String allowed, String doc, Function<String, T> parse) {

    static Key<Integer> integer(String name, int fallback, int lowest, String unit, String doc) {
        return integer(name, fallback, lowest, Integer.MAX_VALUE, unit, doc);
    }

    static Key<Integer> integer(String name, int fallback, int lowest, int highest, String unit, String doc) {
        return new Key<>(name, Type.INT, Integer.toString(fallback), range(lowest, highest, unit), doc, text -> {
            int value = Integer.parseInt(text);
            require(value >= lowest && value <= highest);
            return value;
        });
    }

    static Key<Long> number(String name, long fallback, long lowest, String unit, String doc) {
        return new Key<>(name, Type.LONG, Long.toString(fallback), range(lowest, Long.MAX_VALUE, unit), doc, text -> {
            long value = Long.parseLong(text);
            require(value >= lowest);
            return value;
        });
    }

    static Key<Boolean> flag(String name, boolean fallback, String doc) {
        return new Key<>(name, Type.BOOLEAN, Boolean.toString(fallback), "true or false", doc, text -> {
            String value = text.toLowerCase(Locale.ROOT);
            require(value.equals("true") || value.equals("false"));
            return value.equals("true");
        });
    }

    static Key<String> text(String name, String fallback, String allowed, String doc) {
        return new Key<>(name, Type.STRING, fallback, allowed, doc, text -> {
            require(!text.isEmpty());
            return text;
        });
    }

    /** A text that need not be there; empty means absent. */
    static Key<Optional<String>> optional(String name, String allowed, String doc) {
        return new Key<>(
                name, Type.STRING, "", allowed, doc, text -> text.isEmpty() ? Optional.empty() : Optional.of(text));
    }

    /** A list of texts with commas between them. */
    static Key<List<String>> list(String name, String fallback, String allowed, String doc) {
        return new Key<>(name, Type.LIST, fallback, allowed, doc, Key::split);
    }

    /** One word out of a few, in any case. */
    static Key<String> choice(String name, String fallback, List<String> words, String doc) {
        return new Key<>(name, Type.STRING, fallback, "one of " + String.join(", ", words), doc, text -> {
            String value = text.toLowerCase(Locale.ROOT);
            require(words.contains(value));
            return value;
        });
    }

    /** The environment variable that sets this key: {@code log.dirs} is set by {@code TAILRACE_LOG_DIRS}. */
    public String variable() {
        return variable(name);
    }

    static String variable(String name) {
        return "TAILRACE_" + name.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }

    /** The key that a variable would set if there were one of that name; for messages. */
    static String nameLike(String variable) {
        return variable.substring("TAILRACE_".length()).toLowerCase(Locale.ROOT).replace('_', '.');
    }

    static List<String> split(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .toList();
    }

    static void require(boolean allowed) {
        if (!allowed) {
            throw new IllegalArgumentException();
        }
    }

    private static String range(long lowest, long highest, String unit) {
        String what = unit.isEmpty() ? "a whole number" : "a whole number of " + unit;
        return highest == Integer.MAX_VALUE || highest == Long.MAX_VALUE
                ? what + ", " + lowest + " or more"
                : what + " from " + lowest + " to " + highest;
    }
}
