// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * What DescribeConfigs tells of each kind of resource: every key, whether set or not.
 *
 * <p>One habit of Kafka's is kept so that tools see what they are used to: of a key with several broker synonyms, the synonyms told start
 * with the first one by its main name. {@code retention.ms} with only {@code log.retention.hours} in force has the right value, no synonyms,
 * and counts as a default.
 */
public final class ConfigDescriptions {

    private ConfigDescriptions() {}

    /** A topic, given what is set on it. */
    public static List<DescribedConfig> topic(ConfigLayers layers, Map<String, String> overrides) {
        List<DescribedConfig> described = new ArrayList<>();
        for (ConfigKey key : TopicConfigs.SCHEMA.publicKeys()) {
            described.add(inherited(TopicConfigs.SCHEMA, key, layers, overrides, ConfigSource.TOPIC));
        }
        return described;
    }

    /** A group, given what is set on it; it need not exist. */
    public static List<DescribedConfig> group(ConfigLayers layers, Map<String, String> overrides) {
        List<DescribedConfig> described = new ArrayList<>();
        for (ConfigKey key : GroupConfigs.SCHEMA.publicKeys()) {
            described.add(inherited(GroupConfigs.SCHEMA, key, layers, overrides, ConfigSource.GROUP));
        }
        return described;
    }

    /** A client metrics subscription, given what is set on it; it need not exist. */
    public static List<DescribedConfig> clientMetrics(Map<String, String> overrides) {
        List<DescribedConfig> described = new ArrayList<>();
        for (ConfigKey key : ClientMetricsConfigs.SCHEMA.publicKeys()) {
            String own = overrides.get(key.name);
            List<SetValue> synonyms =
                    own == null ? List.of() : List.of(new SetValue(key.name, own, ConfigSource.CLIENT_METRICS));
            described.add(describe(key, own == null ? ConfigSchema.printDefault(key) : own, false, synonyms));
        }
        return described;
    }

    /** A node: all the keys it knows, and what was set at run time without being known. */
    public static List<DescribedConfig> broker(ConfigLayers layers) {
        TreeSet<String> names = new TreeSet<>();
        layers.broker().publicKeys().forEach(key -> names.add(key.name));
        names.addAll(layers.dynamic().keySet());
        names.addAll(layers.dynamicDefaults().keySet());
        return names.stream().map(name -> broker(layers, name)).toList();
    }

    /** What was set at run time for all nodes; nothing else, so empty if nobody did. */
    public static List<DescribedConfig> brokerDefaults(ConfigLayers layers) {
        return new TreeSet<>(layers.dynamicDefaults().keySet())
                .stream()
                        .map(name -> {
                            SetValue set = new SetValue(
                                    name, layers.dynamicDefaults().get(name), ConfigSource.DYNAMIC_DEFAULT_BROKER);
                            return brokerKey(layers, name, List.of(set));
                        })
                        .toList();
    }

    private static DescribedConfig broker(ConfigLayers layers, String name) {
        List<SetValue> all = layers.everywhere(BrokerKeys.alike(name));
        return brokerKey(layers, name, fromMainName(name, all));
    }

    private static DescribedConfig brokerKey(ConfigLayers layers, String name, List<SetValue> synonyms) {
        Optional<ConfigKey> own = layers.broker().key(name);
        boolean readOnly = own.isPresent()
                ? !BrokerKeys.isDynamic(name)
                : RuntimeOnlyKeys.SCHEMA.key(name).isEmpty();
        ConfigKey key = own.or(() -> RuntimeOnlyKeys.SCHEMA.key(name)).orElse(null);
        if (key == null) {
            ConfigSource source = synonyms.isEmpty()
                    ? ConfigSource.DEFAULT
                    : synonyms.getFirst().source();
            return new DescribedConfig(name, null, source, readOnly, true, withoutValues(synonyms), null, "");
        }
        String value = synonyms.stream()
                .filter(set -> set.name().equals(name))
                .findFirst()
                .map(SetValue::value)
                .orElse(null);
        return describe(key, value, readOnly, synonyms);
    }

    private static DescribedConfig inherited(
            ConfigSchema schema, ConfigKey key, ConfigLayers layers, Map<String, String> overrides, ConfigSource own) {
        List<BrokerSynonym> from = schema.synonyms(key.name);
        List<SetValue> synonyms = new ArrayList<>();
        String override = overrides.get(key.name);
        if (override != null) {
            synonyms.add(new SetValue(key.name, print(key, override), own));
        }
        if (!from.isEmpty()) {
            String mainName = from.getFirst().name();
            synonyms.addAll(fromMainName(mainName, layers.everywhere(BrokerKeys.alike(mainName))));
        } else if (own == ConfigSource.GROUP) {
            synonyms.add(new SetValue(key.name, ConfigSchema.printDefault(key), ConfigSource.DEFAULT));
        }
        return describe(key, layers.value(schema, key, overrides), false, synonyms);
    }

    private static DescribedConfig describe(
            ConfigKey key, @Nullable String value, boolean readOnly, List<SetValue> synonyms) {
        boolean sensitive = ConfigSchema.sensitive(key);
        return new DescribedConfig(
                key.name,
                sensitive || value == null ? null : print(key, value),
                synonyms.isEmpty() ? ConfigSource.DEFAULT : synonyms.getFirst().source(),
                readOnly,
                sensitive,
                sensitive ? withoutValues(synonyms) : synonyms,
                key.type,
                key.documentation == null ? "" : key.documentation);
    }

    /** A value in its usual spelling; as it is if an older version let something through that cannot be read. */
    private static @Nullable String print(ConfigKey key, String value) {
        try {
            return ConfigSchema.print(
                    org.apache.kafka.common.config.ConfigDef.parseType(key.name, value, key.type), key.type);
        } catch (ConfigException e) {
            return value;
        }
    }

    private static List<SetValue> fromMainName(String name, List<SetValue> all) {
        return all.stream().dropWhile(set -> !set.name().equals(name)).toList();
    }

    private static List<SetValue> withoutValues(List<SetValue> synonyms) {
        return synonyms.stream()
                .map(set -> new SetValue(set.name(), null, set.source()))
                .toList();
    }
}
