// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.config;

import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.ConfigTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.jspecify.annotations.Nullable;

/**
 * Who wins: what was set on one node at run time, then what was set for all nodes at run time, then the node's own properties file, then the
 * default. What is set on a topic or a group goes before all of these.
 *
 * <p>Of several names for one thing (milliseconds, minutes, hours) each layer is asked for all of them, in their order of precedence, before
 * the next layer is.
 *
 * @param broker the keys a node knows
 * @param dynamic set on this node at run time
 * @param dynamicDefaults set for all nodes at run time
 * @param statics from this node's properties, only what the operator wrote
 */
public record ConfigLayers(
        ConfigSchema broker,
        Map<String, String> dynamic,
        Map<String, String> dynamicDefaults,
        Map<String, String> statics) {

    /** The layers of one node as an image has them. */
    public static ConfigLayers of(ClusterImage image, int nodeId, ConfigSchema broker, Map<String, String> statics) {
        return new ConfigLayers(
                broker,
                image.configs(ConfigTarget.broker(nodeId)),
                image.configs(ConfigTarget.brokerDefaults()),
                statics);
    }

    /** The layers of a node whose configuration nobody has changed at run time. */
    public static ConfigLayers ofStatics(ConfigSchema broker, Map<String, String> statics) {
        return new ConfigLayers(broker, Map.of(), Map.of(), statics);
    }

    /** Everywhere that any of {@code names} is set, defaults included, most decisive first. */
    List<SetValue> everywhere(List<String> names) {
        List<SetValue> found = new ArrayList<>();
        collect(names, dynamic, ConfigSource.DYNAMIC_BROKER, found);
        collect(names, dynamicDefaults, ConfigSource.DYNAMIC_DEFAULT_BROKER, found);
        collect(names, statics, ConfigSource.STATIC_BROKER, found);
        for (String name : names) {
            String byDefault = broker.key(name).map(ConfigSchema::printDefault).orElse(null);
            if (byDefault != null) {
                found.add(new SetValue(name, byDefault, ConfigSource.DEFAULT));
            }
        }
        return found;
    }

    private static void collect(
            List<String> names, Map<String, String> layer, ConfigSource source, List<SetValue> found) {
        for (String name : names) {
            String value = layer.get(name);
            if (value != null) {
                found.add(new SetValue(name, value, source));
            }
        }
    }

    /** What gives a topic's or group's key its value when nothing is set on the topic or group itself; null if only the key's default does. */
    @Nullable
    String inherited(List<BrokerSynonym> synonyms) {
        List<SetValue> found =
                everywhere(synonyms.stream().map(BrokerSynonym::name).toList());
        if (found.isEmpty()) {
            return null;
        }
        SetValue first = found.getFirst();
        for (BrokerSynonym synonym : synonyms) {
            if (synonym.name().equals(first.name()) && first.value() != null) {
                return synonym.toTopicValue(first.value());
            }
        }
        return null;
    }

    /** A broker key's value in force on this node, as text; null if it has none. */
    public @Nullable String value(String name) {
        List<SetValue> found = everywhere(List.of(name));
        return found.isEmpty() ? null : found.getFirst().value();
    }

    /**
     * The value in force of a topic's or group's key, as text; null if it has none.
     *
     * @param overrides set on the topic or group itself
     */
    public @Nullable String value(ConfigSchema schema, ConfigKey key, Map<String, String> overrides) {
        String own = overrides.get(key.name);
        String value = own != null ? own : inherited(schema.synonyms(key.name));
        return value != null ? value : ConfigSchema.printDefault(key);
    }
}
