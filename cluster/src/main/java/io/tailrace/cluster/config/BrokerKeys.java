// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.config;

import io.tailrace.cluster.config.BrokerSynonym.Unit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.LambdaValidator;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Validator;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.TopicConfig;
import org.jspecify.annotations.Nullable;

/**
 * The broker keys that are nothing but the defaults of topic and group keys, derived from those keys' own definitions.
 *
 * <p>A key with one synonym passes on its type, default and allowed values. Of several synonyms (hours, minutes, milliseconds) the last
 * carries the default, in its own unit, and the others have none: unset means "ask the next".
 */
public final class BrokerKeys {

    private static final Map<String, List<String>> ALIKE = alike();
    private static final Set<String> DYNAMIC = dynamic();

    /** A topic may say that its records are to go at once; a node may not. */
    private static final String RETENTION_MS = TopicConfig.RETENTION_MS_CONFIG;

    private BrokerKeys() {}

    /**
     * Whether a key can be changed at run time. A topic's default can if it has the topic key's own unit, as in Kafka; the rest of a node's
     * keys take a restart.
     */
    public static boolean isDynamic(String name) {
        return DYNAMIC.contains(name);
    }

    /** The names that are asked together with {@code name}, since they are other units of the same thing; in order of precedence. */
    static List<String> alike(String name) {
        return ALIKE.getOrDefault(name, List.of(name));
    }

    /** Adds the defaults of topic keys to a broker's other keys; a name that {@code broker} defines already is left as it is. */
    public static ConfigDef defineTopicDefaults(ConfigDef broker) {
        define(broker, TopicConfigs.SCHEMA, "topic");
        return broker;
    }

    /** Adds the defaults of group keys, as {@link #defineTopicDefaults}. */
    public static ConfigDef defineGroupDefaults(ConfigDef broker) {
        define(broker, GroupConfigs.SCHEMA, "group");
        return broker;
    }

    private static Map<String, List<String>> alike() {
        Map<String, List<String>> names = new HashMap<>();
        for (ConfigKey key : TopicConfigs.SCHEMA.publicKeys()) {
            List<String> all = TopicConfigs.SCHEMA.synonyms(key.name).stream()
                    .map(BrokerSynonym::name)
                    .toList();
            all.forEach(name -> names.put(name, all));
        }
        return Map.copyOf(names);
    }

    private static Set<String> dynamic() {
        return TopicConfigs.SCHEMA.publicKeys().stream()
                .map(key -> TopicConfigs.SCHEMA.synonyms(key.name))
                .filter(synonyms -> !synonyms.isEmpty())
                .map(synonyms -> synonyms.getFirst().name())
                .collect(Collectors.toUnmodifiableSet());
    }

    private static void define(ConfigDef broker, ConfigSchema schema, String kind) {
        for (ConfigKey key : schema.publicKeys()) {
            List<BrokerSynonym> synonyms = schema.synonyms(key.name);
            for (BrokerSynonym synonym : synonyms) {
                if (!broker.names().contains(synonym.name())) {
                    boolean last = synonym.equals(synonyms.getLast());
                    define(
                            broker,
                            synonym,
                            key,
                            last,
                            "Default of the " + kind + " config " + key.name + ". " + key.documentation);
                }
            }
        }
    }

    private static void define(
            ConfigDef broker, BrokerSynonym synonym, ConfigKey like, boolean last, String documentation) {
        boolean same = synonym.unit() == Unit.SAME;
        Object byDefault = !last ? null : same ? like.defaultValue : defaultIn(synonym, (Long) like.defaultValue);
        broker.define(
                synonym.name(),
                same ? like.type : Type.INT,
                byDefault,
                like.name.equals(RETENTION_MS)
                        ? unlimitedOrPositive()
                        : allowing(last && same, like.validator, synonym),
                Importance.HIGH,
                documentation);
    }

    private static int defaultIn(BrokerSynonym synonym, long topicDefault) {
        return Math.toIntExact(topicDefault / Long.parseLong(synonym.toTopicValue("1")));
    }

    private static Validator unlimitedOrPositive() {
        return LambdaValidator.with(
                (name, value) -> {
                    if (value != null && ((Number) value).longValue() != -1 && ((Number) value).longValue() < 1) {
                        throw new ConfigException("requirement failed: log.retention.ms must be unlimited (-1) or, "
                                + "greater than or equal to 1");
                    }
                },
                () -> "-1 or [1,...]");
    }

    /** The topic key's own check where it fits as it is; else one that converts the unit first and lets "unset" pass. */
    private static @Nullable Validator allowing(boolean asIs, @Nullable Validator topic, BrokerSynonym synonym) {
        if (asIs || topic == null) {
            return topic;
        }
        return LambdaValidator.with(
                (name, value) -> {
                    if (value != null) {
                        topic.ensureValid(name, Long.parseLong(synonym.toTopicValue(value.toString())));
                    }
                },
                topic::toString);
    }
}
