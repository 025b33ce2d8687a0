// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.config;

import io.tailrace.cluster.metadata.Outcome;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * What a group's values must be besides well formed: within the limits that the node sets for all groups, and a session longer than the
 * heartbeats that keep it alive.
 */
final class GroupConfigRules {

    private static final List<String> KINDS = List.of("consumer", "share", "streams");

    private GroupConfigRules() {}

    static Outcome check(ConfigLayers node, Map<String, String> overrides) {
        for (Map.Entry<String, String> set : overrides.entrySet()) {
            Outcome limits = withinLimits(node, set.getKey(), set.getValue());
            if (!limits.isOk()) {
                return limits;
            }
        }
        for (String kind : KINDS) {
            String session = kind + ".session.timeout.ms";
            String heartbeat = kind + ".heartbeat.interval.ms";
            boolean touched = overrides.containsKey(session) || overrides.containsKey(heartbeat);
            if (touched && value(node, session, overrides) <= value(node, heartbeat, overrides)) {
                return Outcome.refused(Errors.INVALID_CONFIG, session + " must be greater than " + heartbeat);
            }
        }
        return Outcome.ok();
    }

    /** {@code consumer.session.timeout.ms} must lie between {@code group.consumer.min.} and {@code group.consumer.max.session.timeout.ms}. */
    private static Outcome withinLimits(ConfigLayers node, String name, String text) {
        int dot = name.indexOf('.');
        String kind = "group." + name.substring(0, dot);
        String rest = name.substring(dot);
        Long lowest = number(node.value(kind + ".min" + rest));
        if (lowest != null && Long.parseLong(text.trim()) < lowest) {
            return Outcome.refused(
                    Errors.INVALID_CONFIG, name + " must be greater than or equal to " + kind + ".min" + rest);
        }
        // Kafka's name for the limit of streams.num.standby.replicas has no "num".
        String max = kind + ".max" + (rest.equals(".num.standby.replicas") ? ".standby.replicas" : rest);
        Long highest = number(node.value(max));
        if (highest != null && Long.parseLong(text.trim()) > highest) {
            return Outcome.refused(Errors.INVALID_CONFIG, name + " must be less than or equal to " + max);
        }
        return Outcome.ok();
    }

    private static long value(ConfigLayers node, String name, Map<String, String> overrides) {
        return GroupConfigs.SCHEMA
                .key(name)
                .map(key -> node.value(GroupConfigs.SCHEMA, key, overrides))
                .map(text -> Long.parseLong(text.trim()))
                .orElseThrow();
    }

    private static @Nullable Long number(@Nullable String text) {
        return text == null ? null : Long.valueOf(text.trim());
    }
}
