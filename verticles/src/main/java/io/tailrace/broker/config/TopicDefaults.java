// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import static org.apache.kafka.common.config.TopicConfig.PREALLOCATE_CONFIG;

import io.tailrace.cluster.config.BrokerKeys;
import io.tailrace.cluster.config.BrokerSynonym;
import io.tailrace.cluster.config.ConfigSchema;
import io.tailrace.cluster.config.TopicConfigs;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigException;

/**
 * The broker keys that are defaults of topic keys, such as {@code log.retention.hours} of {@code retention.ms}. They are not listed here but
 * derived from the topic keys, so that a new topic key brings its broker key along.
 */
final class TopicDefaults {

    static final List<Key<?>> KEYS = keys();

    private TopicDefaults() {}

    /** What the operator set, by the topic's name of it; of several keys for one thing the most decisive that is set. */
    static Map<String, String> from(Settings settings) {
        Map<String, String> defaults = new HashMap<>();
        for (ConfigKey topicKey : TopicConfigs.SCHEMA.publicKeys()) {
            for (BrokerSynonym synonym : TopicConfigs.SCHEMA.synonyms(topicKey.name)) {
                Optional<String> value = value(settings, synonym.name());
                if (value.isPresent()) {
                    if (topicKey.name.equals(PREALLOCATE_CONFIG) && value.get().equals("true")) {
                        settings.warning(
                                synonym.name() + " does nothing: segments take their space as they are written");
                    }
                    defaults.putIfAbsent(topicKey.name, synonym.toTopicValue(value.get()));
                }
            }
        }
        return Map.copyOf(defaults);
    }

    private static Optional<String> value(Settings settings, String name) {
        return KEYS.stream()
                .filter(key -> key.name().equals(name))
                .findFirst()
                .flatMap(settings::explicit)
                .map(Object::toString);
    }

    private static List<Key<?>> keys() {
        ConfigDef definition = BrokerKeys.defineTopicDefaults(new ConfigDef());
        return definition.configKeys().values().stream()
                .sorted((a, b) -> a.name.compareTo(b.name))
                .<Key<?>>map(TopicDefaults::key)
                .toList();
    }

    private static Key<String> key(ConfigKey key) {
        String fallback = ConfigSchema.printDefault(key);
        String allowed =
                key.validator == null ? key.type.toString().toLowerCase(Locale.ROOT) : key.validator.toString();
        return new Key<>(
                key.name,
                key.type,
                fallback == null ? "" : fallback,
                allowed,
                key.documentation,
                text -> check(key, text));
    }

    private static String check(ConfigKey key, String text) {
        try {
            Object value = ConfigDef.parseType(key.name, text, key.type);
            if (key.validator != null) {
                key.validator.ensureValid(key.name, value);
            }
            return text;
        } catch (ConfigException notAllowed) {
            throw new IllegalArgumentException(
                    "", notAllowed); // the key says what is allowed; Kafka's sentence would say it twice
        }
    }
}
