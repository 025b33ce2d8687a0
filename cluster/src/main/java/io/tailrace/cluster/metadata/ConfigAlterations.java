// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import io.tailrace.cluster.metadata.ControllerReply.ConfigOutcome;
import io.tailrace.cluster.metadata.ControllerReply.ConfigsAltered;
import io.tailrace.cluster.metadata.ControllerRequest.AlterConfigs;
import io.tailrace.cluster.metadata.ControllerRequest.ConfigAlteration;
import io.tailrace.cluster.metadata.ControllerRequest.ConfigChange;
import io.tailrace.cluster.metadata.ControllerRequest.ConfigOperation;
import io.tailrace.cluster.metadata.MetadataRecord.ConfigChanged;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.protocol.Errors;

/**
 * Decides AlterConfigs. All changes of one target happen together or not at all; APPEND and SUBTRACT read the value as it is at this moment
 * of the log, so that two clients that append at once both win.
 */
final class ConfigAlterations {

    private final ConfigPolicy policy;

    ConfigAlterations(ConfigPolicy policy) {
        this.policy = policy;
    }

    ControllerReply decide(AlterConfigs request, Draft draft) {
        Map<ConfigTarget, Integer> counts = new HashMap<>();
        request.alterations().forEach(it -> counts.merge(it.target(), 1, Integer::sum));
        List<ConfigOutcome> results = new ArrayList<>(request.alterations().size());
        for (ConfigAlteration alteration : request.alterations()) {
            Outcome outcome = counts.getOrDefault(alteration.target(), 0) > 1
                    ? invalid("Each resource may be named once in a request.")
                    : targetDefect(alteration.target(), draft.image())
                            .or(() -> changesDefect(alteration.changes()))
                            .orElseGet(() -> alter(alteration, request.replace(), draft));
            results.add(new ConfigOutcome(alteration.target(), outcome));
        }
        return new ConfigsAltered(results);
    }

    private static Optional<Outcome> targetDefect(ConfigTarget target, ClusterImage image) {
        String name = target.name();
        return switch (target.kind()) {
            case TOPIC -> {
                if (name.isEmpty()) {
                    yield Optional.of(invalid("Topics have no common configuration to alter; name a topic."));
                }
                Optional<String> defect = TopicNames.defect(name);
                if (defect.isPresent()) {
                    yield Optional.of(Outcome.refused(Errors.INVALID_TOPIC_EXCEPTION, defect.get()));
                }
                yield image.topics().containsKey(name)
                        ? Optional.empty()
                        : Optional.of(Outcome.refused(
                                Errors.UNKNOWN_TOPIC_OR_PARTITION, "The topic '" + name + "' does not exist."));
            }
            case BROKER -> name.isEmpty() ? Optional.empty() : brokerDefect(name, image);
            case GROUP, CLIENT_METRICS ->
                name.isEmpty() ? Optional.of(invalid("The resource needs a name.")) : Optional.empty();
        };
    }

    private static Optional<Outcome> brokerDefect(String name, ClusterImage image) {
        int nodeId;
        try {
            nodeId = Integer.parseInt(name);
        } catch (NumberFormatException e) {
            return Optional.of(invalid("A node is named by its number, not by '" + name + "'."));
        }
        return image.brokers().containsKey(nodeId)
                ? Optional.empty()
                : Optional.of(
                        Outcome.refused(Errors.BROKER_ID_NOT_REGISTERED, "No node " + nodeId + " is registered."));
    }

    private static Optional<Outcome> changesDefect(List<ConfigChange> changes) {
        Set<String> keys = new HashSet<>();
        for (ConfigChange change : changes) {
            if (change.key().isEmpty()) {
                return Optional.of(invalid("A configuration key is empty."));
            }
            if (!keys.add(change.key())) {
                return Optional.of(invalid("The key " + change.key() + " is altered twice."));
            }
            if (change.value().isEmpty() && change.operation() != ConfigOperation.DELETE) {
                return Optional.of(invalid("No value was given for " + change.key() + "."));
            }
        }
        return Optional.empty();
    }

    private Outcome alter(ConfigAlteration alteration, boolean replace, Draft draft) {
        ConfigTarget target = alteration.target();
        Map<String, String> before = draft.image().configs(target);
        Map<String, String> after = new TreeMap<>(replace ? Map.of() : before);
        for (ConfigChange change : alteration.changes()) {
            String value = change.value().orElse("");
            switch (change.operation()) {
                case SET -> after.put(change.key(), value);
                case DELETE -> after.remove(change.key());
                case APPEND, SUBTRACT -> {
                    if (!policy.isList(target.kind(), change.key())) {
                        return Outcome.refused(
                                Errors.INVALID_CONFIG,
                                change.key() + " is no list; " + change.operation() + " does not apply to it.");
                    }
                    String current = Optional.ofNullable(after.get(change.key()))
                            .or(() -> policy.defaultValue(target.kind(), change.key()))
                            .orElse("");
                    after.put(change.key(), edited(current, value, change.operation() == ConfigOperation.APPEND));
                }
            }
        }
        Outcome allowed = policy.check(target, after);
        return allowed.isOk() ? draft.emit(difference(target, before, after)) : allowed;
    }

    private static String edited(String current, String items, boolean append) {
        List<String> list = new ArrayList<>(parts(current));
        for (String item : parts(items)) {
            if (!append) {
                list.remove(item);
            } else if (!list.contains(item)) {
                list.add(item);
            }
        }
        return String.join(",", list);
    }

    private static List<String> parts(String list) {
        return Arrays.stream(list.split(","))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .toList();
    }

    private static List<ConfigChanged> difference(
            ConfigTarget target, Map<String, String> before, Map<String, String> after) {
        Map<String, String> set = new TreeMap<>(after);
        set.entrySet().removeIf(entry -> entry.getValue().equals(before.get(entry.getKey())));
        List<String> removed = before.keySet().stream()
                .filter(key -> !after.containsKey(key))
                .sorted()
                .toList();
        return set.isEmpty() && removed.isEmpty() ? List.of() : List.of(new ConfigChanged(target, set, removed));
    }

    private static Outcome invalid(String message) {
        return Outcome.refused(Errors.INVALID_REQUEST, message);
    }
}
