// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Reads keys from the layers and collects what is wrong with them, so that the operator sees all of it at once.
 *
 * <p>A bad value is replaced by the default while loading goes on; {@link ConfigLoader} throws at the end.
 */
final class Settings {

    /** Where one value came from. */
    record Origin(String value, String source) {}

    /** The layers under their names; empty where no layer above the defaults sets the key. */
    @FunctionalInterface
    interface Layers {
        Optional<Origin> find(String name);
    }

    private final Layers layers;
    private final List<String> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    Settings(Layers layers) {
        this.layers = layers;
    }

    <T> T get(Key<T> key) {
        return explicit(key).orElseGet(() -> key.parse().apply(key.fallback()));
    }

    /** The value if some layer sets it. */
    <T> Optional<T> explicit(Key<T> key) {
        Optional<Origin> origin = layers.find(key.name());
        if (origin.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(key.parse().apply(origin.get().value().strip()));
        } catch (IllegalArgumentException bad) {
            String message = Objects.requireNonNullElse(bad.getMessage(), "");
            String why = bad instanceof NumberFormatException || message.isEmpty() ? "" : " (" + message + ")";
            problem(key.name() + " = \"" + origin.get().value() + "\" from "
                    + origin.get().source() + ": must be " + key.allowed() + why);
            return Optional.empty();
        }
    }

    /** The start goes on, and the operator is told. */
    void warning(String text) {
        warnings.add(text);
    }

    List<String> warnings() {
        return List.copyOf(warnings);
    }

    void problem(String text) {
        problems.add(text);
    }

    List<String> problems() {
        return List.copyOf(problems);
    }
}
