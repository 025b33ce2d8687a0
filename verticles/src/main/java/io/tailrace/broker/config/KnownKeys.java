// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import io.tailrace.cluster.config.BrokerKeys;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;

/** Every key that does something here, in the order of the documentation. */
public final class KnownKeys {

    /** Keys that belong together, under a heading. */
    record Section(String title, List<Key<?>> keys) {}

    static final List<Section> SECTIONS = List.of(
            new Section("This node", NodeConfig.KEYS),
            new Section("Listeners", ListenerConfig.KEYS),
            new Section("Limits of the listeners", NetworkConfig.KEYS),
            new Section("Data", StorageConfig.KEYS),
            new Section("New topics", TopicConfig.KEYS),
            new Section("Defaults of every topic; a topic's own configuration goes first", TopicDefaults.KEYS),
            new Section("Consumer groups", GroupConfig.KEYS),
            new Section("Consumer groups of the protocol of KIP-848", ConsumerGroupConfig.KEYS),
            new Section("Transactions and idempotent producers", TransactionConfig.KEYS),
            new Section("Fetching", FetchConfig.KEYS),
            new Section("Metadata", MetadataConfig.KEYS),
            new Section("Other nodes", ClusterConfig.KEYS),
            new Section("HTTP", HttpConfig.KEYS));

    /** Names of Kafka's past, and the names they are read as. */
    static final Map<String, String> ALIASES = Map.of("broker.id", "node.id", "log.dir", "log.dirs");

    private static final Map<String, Key<?>> BY_NAME = SECTIONS.stream()
            .flatMap(section -> section.keys().stream())
            .collect(Collectors.toMap(
                    Key::name,
                    key -> key,
                    (a, b) -> {
                        throw new IllegalStateException("two keys are named " + a.name());
                    },
                    LinkedHashMap::new));

    private KnownKeys() {}

    static Optional<Key<?>> find(String name) {
        return Optional.ofNullable(BY_NAME.get(ALIASES.getOrDefault(name, name)));
    }

    static Set<String> names() {
        return BY_NAME.keySet();
    }

    /** Key by environment variable, the old names among them. */
    static Map<String, String> variables() {
        return java.util.stream.Stream.concat(BY_NAME.keySet().stream(), ALIASES.keySet().stream())
                .collect(Collectors.toMap(Key::variable, name -> name));
    }

    /** The same keys as Kafka's own kind of table, for what describes and alters broker configs. */
    public static ConfigDef definition() {
        // With Kafka's checks: these are the keys that may change at run time.
        ConfigDef definition = BrokerKeys.defineTopicDefaults(new ConfigDef());
        for (Key<?> key : BY_NAME.values()) {
            if (definition.names().contains(key.name())) {
                continue;
            }
            Object fallback =
                    key.fallback().isEmpty() ? null : ConfigDef.parseType(key.name(), key.fallback(), key.type());
            definition.define(key.name(), key.type(), fallback, Importance.MEDIUM, key.doc());
        }
        return definition;
    }
}
