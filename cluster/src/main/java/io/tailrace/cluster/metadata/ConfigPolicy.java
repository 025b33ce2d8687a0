// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import java.util.Map;
import java.util.Optional;

/**
 * What the controller must know of configuration keys and does not: names, types, ranges, defaults. Pure and deterministic; called on the
 * controller's thread.
 */
public interface ConfigPolicy {

    /**
     * Whether the target may have these overrides.
     *
     * @param overrides all that would be set on the target after the change
     * @return {@link Outcome#ok()}, or INVALID_CONFIG (POLICY_VIOLATION, ...) with a text that names key and value
     */
    Outcome check(ConfigTarget target, Map<String, String> overrides);

    /** Whether the key's value is a list, so that APPEND and SUBTRACT make sense. */
    boolean isList(ConfigTarget.Kind kind, String key);

    /** What holds when nothing is set on the target itself, comma separated for a list; empty if the key has no default or is unknown. */
    Optional<String> defaultValue(ConfigTarget.Kind kind, String key);

    /** Takes every key and value, knows no list: for tests of other things. */
    static ConfigPolicy permissive() {
        return new ConfigPolicy() {
            @Override
            public Outcome check(ConfigTarget target, Map<String, String> overrides) {
                return Outcome.ok();
            }

            @Override
            public boolean isList(ConfigTarget.Kind kind, String key) {
                return false;
            }

            @Override
            public Optional<String> defaultValue(ConfigTarget.Kind kind, String key) {
                return Optional.empty();
            }
        };
    }
}
