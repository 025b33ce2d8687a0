// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.command;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A {@code start} that needs no parser: the word, and its options each followed by its value, as scripts, containers and people write it.
 *
 * <p>Why beside picocli: its classes are of a format that the JVM's archive cannot hold, and it reads annotations through proxies that the
 * JVM makes anew each time. That was a quarter of what a start cost. Whatever is not written in this plain way, help and mistakes among it,
 * is left to picocli, so that there is one place that explains usage.
 */
public final class PlainStart {

    private PlainStart() {}

    /** Starts a node and blocks until it is stopped; tells the exit code, or nothing if the words are not a plain start. */
    public static OptionalInt run(String[] words) {
        Optional<ConfigOptions> options = read(words);
        if (options.isEmpty()) {
            return OptionalInt.empty();
        }
        try {
            return OptionalInt.of(new StartCommand(options.get()).call());
        } catch (Exception failure) {
            return OptionalInt.of(Failures.handle(failure, words[0]));
        }
    }

    /** The options, as picocli would read them; nothing if the words are not plain. */
    static Optional<ConfigOptions> read(String... words) {
        if (words.length % 2 == 0 || !words[0].equals("start")) {
            return Optional.empty();
        }
        @Nullable Path file = null;
        Map<String, String> overrides = new LinkedHashMap<>();
        for (int i = 1; i < words.length; i += 2) {
            String value = words[i + 1];
            if (!isPlain(value)) {
                return Optional.empty();
            }
            switch (words[i]) {
                case "-c", "--config" -> {
                    if (file != null) {
                        return Optional.empty(); // once is enough, says picocli
                    }
                    file = Path.of(value);
                }
                case "-o", "--override" -> {
                    int equals = value.indexOf('=');
                    if (equals <= 0) {
                        return Optional.empty();
                    }
                    overrides.put(value.substring(0, equals), value.substring(equals + 1));
                }
                default -> {
                    return Optional.empty();
                }
            }
        }
        return Optional.of(new ConfigOptions(file, overrides));
    }

    /** Not another option, nor a file of words, nor in quotes. */
    private static boolean isPlain(String value) {
        return !value.isEmpty() && "-@\"'".indexOf(value.charAt(0)) < 0;
    }
}
