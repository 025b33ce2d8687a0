// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Validator;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one kind of resource: name, type, default, allowed values, documentation, and which broker keys give their defaults.
 *
 * <p>The keys themselves are a {@link ConfigDef} of kafka-clients, so that values are parsed, checked, printed and complained about in
 * exactly the words that Kafka's users know.
 */
public final class ConfigSchema {

    private final ConfigDef keys;
    private final Map<String, List<BrokerSynonym>> synonyms;

    private ConfigSchema(ConfigDef keys, Map<String, List<BrokerSynonym>> synonyms) {
        this.keys = keys;
        this.synonyms = Map.copyOf(synonyms);
    }

    /** A schema whose keys are nobody's defaults and have none from elsewhere: a broker's own. */
    public static ConfigSchema of(ConfigDef keys) {
        return new ConfigSchema(new ConfigDef(keys), Map.of());
    }

    static Builder builder() {
        return new Builder(new ConfigDef());
    }

    /** A schema that begins with these keys. */
    static Builder builder(ConfigDef keys) {
        return new Builder(keys);
    }

    /** A copy of the definitions, to be extended by whoever needs to. */
    public ConfigDef definition() {
        return new ConfigDef(keys);
    }

    public Optional<ConfigKey> key(String name) {
        return Optional.ofNullable(keys.configKeys().get(name));
    }

    /** All keys but those for tests only, by name in alphabetical order. */
    public List<ConfigKey> publicKeys() {
        return keys.configKeys().values().stream()
                .filter(key -> !key.internalConfig)
                .sorted((a, b) -> a.name.compareTo(b.name))
                .toList();
    }

    /** The broker keys that give {@code name} its default, most decisive first; empty if none do. */
    public List<BrokerSynonym> synonyms(String name) {
        return synonyms.getOrDefault(name, List.of());
    }

    /**
     * The typed value that a text stands for.
     *
     * @throws ConfigException if there is no such key, or the text is not allowed
     */
    public Object parse(String name, @Nullable String text) {
        ConfigKey key = keys.configKeys().get(name);
        if (key == null) {
            throw new ConfigException("Unknown config name: " + name);
        }
        Object value = ConfigDef.parseType(name, text, key.type);
        if (key.validator != null) {
            key.validator.ensureValid(name, value);
        }
        return value;
    }

    /** What a value looks like when it is told to somebody; null if it has none. */
    public static @Nullable String print(@Nullable Object value, Type type) {
        return value == null ? null : ConfigDef.convertToString(value, type);
    }

    /** The default as text; null if the key has none. */
    public static @Nullable String printDefault(ConfigKey key) {
        return key.hasDefault() ? print(key.defaultValue, key.type) : null;
    }

    /** Whether a key's value must never be told. */
    public static boolean sensitive(ConfigKey key) {
        return key.type == Type.PASSWORD;
    }

    /** Puts a schema together; used by this package's tables only. */
    static final class Builder {

        private final ConfigDef keys;
        private final Map<String, List<BrokerSynonym>> synonyms = new LinkedHashMap<>();

        private Builder(ConfigDef keys) {
            this.keys = new ConfigDef(keys);
        }

        Builder define(
                String name,
                Type type,
                @Nullable Object byDefault,
                @Nullable Validator allowed,
                String documentation,
                BrokerSynonym... from) {
            keys.define(name, type, byDefault, allowed, Importance.MEDIUM, documentation);
            if (from.length > 0) {
                synonyms.put(name, List.of(from));
            }
            return this;
        }

        Builder synonyms(Map<String, List<BrokerSynonym>> more) {
            synonyms.putAll(more);
            return this;
        }

        ConfigSchema build() {
            return new ConfigSchema(keys, synonyms);
        }
    }
}
