// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.protocol.Errors;

/** Knows {@code list} (a list, by default {@code d}) and {@code number}. */
final class ListPolicy implements ConfigPolicy {

    @Override
    public Outcome check(ConfigTarget target, Map<String, String> overrides) {
        return Set.of("list", "number").containsAll(overrides.keySet())
                ? Outcome.ok()
                : Outcome.refused(Errors.INVALID_CONFIG, "unknown key in " + overrides);
    }

    @Override
    public boolean isList(ConfigTarget.Kind kind, String key) {
        return key.equals("list");
    }

    @Override
    public Optional<String> defaultValue(ConfigTarget.Kind kind, String key) {
        return key.equals("list") ? Optional.of("d") : Optional.empty();
    }
}
