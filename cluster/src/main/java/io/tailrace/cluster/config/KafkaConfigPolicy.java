// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.config;

import io.tailrace.cluster.metadata.ConfigPolicy;
import io.tailrace.cluster.metadata.ConfigTarget;
import io.tailrace.cluster.metadata.Outcome;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.protocol.Errors;

/**
 * Judges a change of configuration as Kafka's controller does, in its codes and close to its words: an unknown key, a value that does not
 * parse or is out of range, values that contradict each other, a key that takes a restart.
 *
 * <p>An unknown broker key is stored and told, without its value, as in Kafka, where a plug-in may know it. Stricter than Kafka in one point: a
 * key that asks for protection which is not there is refused, lest somebody believe in it. Keys that no file has
 * ({@link RuntimeOnlyKeys}) are checked as in Kafka.
 */
public final class KafkaConfigPolicy implements ConfigPolicy {

    private static final Pattern PROTECTION = Pattern.compile(
            "(listener\\.name\\.|(.+\\.)?(ssl|sasl)\\.|authorizer\\.|principal\\.|password\\.|delegation\\.|super\\.users).*");

    private final ConfigLayers node;

    /**
     * @param broker the keys a node knows
     * @param statics the controller's own properties, which give the defaults that APPEND and SUBTRACT start from
     */
    public KafkaConfigPolicy(ConfigSchema broker, Map<String, String> statics) {
        this.node = ConfigLayers.ofStatics(broker, statics);
    }

    @Override
    public Outcome check(ConfigTarget target, Map<String, String> overrides) {
        return switch (target.kind()) {
            case TOPIC -> checkTopic(new TreeMap<>(overrides));
            case BROKER -> checkBroker(new TreeMap<>(overrides));
            case GROUP -> checkGroup(new TreeMap<>(overrides));
            case CLIENT_METRICS -> checkClientMetrics(new TreeMap<>(overrides));
        };
    }

    @Override
    public boolean isList(ConfigTarget.Kind kind, String key) {
        return schema(kind).key(key).map(found -> found.type == Type.LIST).orElse(false);
    }

    @Override
    public Optional<String> defaultValue(ConfigTarget.Kind kind, String key) {
        ConfigSchema schema = schema(kind);
        return schema.key(key)
                .map(found -> kind == ConfigTarget.Kind.BROKER ? node.value(key) : node.value(schema, found, Map.of()));
    }

    private ConfigSchema schema(ConfigTarget.Kind kind) {
        return switch (kind) {
            case TOPIC -> TopicConfigs.SCHEMA;
            case BROKER -> node.broker();
            case GROUP -> GroupConfigs.SCHEMA;
            case CLIENT_METRICS -> ClientMetricsConfigs.SCHEMA;
        };
    }

    private Outcome checkTopic(TreeMap<String, String> overrides) {
        for (String name : overrides.keySet()) {
            if (TopicConfigs.SCHEMA.key(name).isEmpty()) {
                return Outcome.refused(Errors.INVALID_CONFIG, "Unknown topic config name: " + name);
            }
        }
        Outcome values = checkValues(TopicConfigs.SCHEMA, overrides, Errors.INVALID_CONFIG);
        return values.isOk() ? checkTopicAsAWhole(overrides) : values;
    }

    private Outcome checkTopicAsAWhole(Map<String, String> overrides) {
        if (Boolean.parseBoolean(overrides
                .getOrDefault(TopicConfig.REMOTE_LOG_STORAGE_ENABLE_CONFIG, "false")
                .trim())) {
            return Outcome.refused(
                    Errors.INVALID_CONFIG,
                    "Tiered Storage functionality is disabled in the broker. "
                            + "Topic cannot be configured with remote log storage.");
        }
        long minLagMs = number(overrides, TopicConfig.MIN_COMPACTION_LAG_MS_CONFIG);
        long maxLagMs = number(overrides, TopicConfig.MAX_COMPACTION_LAG_MS_CONFIG);
        if (minLagMs > maxLagMs) {
            return Outcome.refused(
                    Errors.INVALID_CONFIG,
                    "conflict topic config setting " + TopicConfig.MIN_COMPACTION_LAG_MS_CONFIG + " (" + minLagMs
                            + ") > " + TopicConfig.MAX_COMPACTION_LAG_MS_CONFIG + " (" + maxLagMs + ")");
        }
        return Outcome.ok();
    }

    private long number(Map<String, String> overrides, String name) {
        String value = TopicConfigs.SCHEMA
                .key(name)
                .map(key -> node.value(TopicConfigs.SCHEMA, key, overrides))
                .orElseThrow();
        return Long.parseLong(value.trim());
    }

    private Outcome checkBroker(TreeMap<String, String> overrides) {
        TreeSet<String> fixed = new TreeSet<>();
        for (String name : overrides.keySet()) {
            if (!BrokerKeys.isDynamic(name)) {
                if (node.broker().key(name).isPresent()) {
                    fixed.add(name);
                } else if (PROTECTION.matcher(name).matches()) {
                    return Outcome.refused(Errors.INVALID_CONFIG, "Unknown broker config name: " + name);
                }
            }
        }
        if (!fixed.isEmpty()) {
            return Outcome.refused(Errors.INVALID_REQUEST, "Cannot update these configs dynamically: " + fixed);
        }
        Outcome values = checkValues(node.broker(), overrides, Errors.INVALID_REQUEST);
        return values.isOk() ? checkValues(RuntimeOnlyKeys.SCHEMA, overrides, Errors.INVALID_REQUEST) : values;
    }

    private Outcome checkGroup(TreeMap<String, String> overrides) {
        for (String name : overrides.keySet()) {
            if (GroupConfigs.SCHEMA.key(name).isEmpty()) {
                return Outcome.refused(Errors.INVALID_CONFIG, "Unknown group config name: " + name);
            }
        }
        Outcome values = checkValues(GroupConfigs.SCHEMA, overrides, Errors.INVALID_CONFIG);
        return values.isOk() ? GroupConfigRules.check(node, overrides) : values;
    }

    private static Outcome checkClientMetrics(TreeMap<String, String> overrides) {
        for (String name : overrides.keySet()) {
            if (ClientMetricsConfigs.SCHEMA.key(name).isEmpty()) {
                return Outcome.refused(Errors.INVALID_REQUEST, "Unknown client metrics configuration: " + name);
            }
        }
        Outcome values = checkValues(ClientMetricsConfigs.SCHEMA, overrides, Errors.INVALID_REQUEST);
        if (!values.isOk()) {
            return values;
        }
        String interval = overrides.get(ClientMetricsConfigs.INTERVAL_MS);
        if (interval != null && !allowsInterval(Integer.parseInt(interval.trim()))) {
            return Outcome.refused(
                    Errors.INVALID_REQUEST,
                    "Invalid value " + interval
                            + " for interval.ms, interval must be between 100 and 3600000 (1 hour)");
        }
        String match = overrides.getOrDefault(ClientMetricsConfigs.MATCH, "");
        for (String pattern : match.isBlank() ? List.<String>of() : List.of(match.split(","))) {
            if (!allowsMatch(pattern.trim())) {
                return Outcome.refused(Errors.INVALID_CONFIG, "Illegal client matching pattern: " + pattern.trim());
            }
        }
        return Outcome.ok();
    }

    private static boolean allowsInterval(int intervalMs) {
        return intervalMs >= ClientMetricsConfigs.LOWEST_INTERVAL_MS
                && intervalMs <= ClientMetricsConfigs.HIGHEST_INTERVAL_MS;
    }

    private static boolean allowsMatch(String pattern) {
        int equals = pattern.indexOf('=');
        if (equals < 0
                || !ClientMetricsConfigs.SELECTORS.contains(
                        pattern.substring(0, equals).trim())) {
            return false;
        }
        try {
            Pattern.compile(pattern.substring(equals + 1).trim());
            return true;
        } catch (PatternSyntaxException e) {
            return false;
        }
    }

    /** Every value on its own; keys that the schema does not have were judged before. */
    private static Outcome checkValues(ConfigSchema schema, TreeMap<String, String> overrides, Errors error) {
        for (Map.Entry<String, String> set : overrides.entrySet()) {
            if (schema.key(set.getKey()).isPresent()) {
                try {
                    schema.parse(set.getKey(), set.getValue());
                } catch (ConfigException e) {
                    return Outcome.refused(error, String.valueOf(e.getMessage()));
                }
            }
        }
        return Outcome.ok();
    }
}
