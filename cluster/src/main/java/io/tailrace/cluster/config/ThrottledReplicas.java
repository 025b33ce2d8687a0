// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.config;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef.LambdaValidator;
import org.apache.kafka.common.config.ConfigDef.Validator;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/** The shape of the two lists of throttled replicas: a lone {@code *}, or {@code partition:node} pairs. */
public final class ThrottledReplicas {

    private static final Pattern PAIR = Pattern.compile("\\d+:\\d+");

    static final Validator VALIDATOR = LambdaValidator.with(
            ThrottledReplicas::ensureValid, () -> "[partitionId]:[brokerId],[partitionId]:[brokerId],...");

    private static final ThrottledReplicas NONE = new ThrottledReplicas(false, Set.of());

    private final boolean all;
    private final Set<Integer> partitions;

    private ThrottledReplicas(boolean all, Set<Integer> partitions) {
        this.all = all;
        this.partitions = partitions;
    }

    /** The partitions of which the replica on {@code nodeId} is in a topic's list; none if the topic has none. */
    public static ThrottledReplicas of(@Nullable String list, int nodeId) {
        if (list == null || list.isBlank()) {
            return NONE;
        }
        if (list.trim().equals("*")) {
            return new ThrottledReplicas(true, Set.of());
        }
        Set<Integer> partitions = new HashSet<>();
        for (String pair : list.split(",", -1)) {
            int colon = pair.indexOf(':');
            if (Integer.parseInt(pair.substring(colon + 1).trim()) == nodeId) {
                partitions.add(Integer.parseInt(pair.substring(0, colon).trim()));
            }
        }
        return new ThrottledReplicas(false, partitions);
    }

    public boolean contains(int partition) {
        return all || partitions.contains(partition);
    }

    private static void ensureValid(String name, Object value) {
        if (!(value instanceof List<?> entries)) {
            throw new ConfigException(name, value, name + " must be a list");
        }
        boolean all = entries.size() == 1
                && "*".equals(String.valueOf(entries.getFirst()).trim());
        boolean pairs = entries.stream()
                .allMatch(entry -> PAIR.matcher(String.valueOf(entry).trim()).matches());
        if (!all && !pairs) {
            throw new ConfigException(
                    name,
                    value,
                    name + " must be the literal '*' or a list of replicas in the following format: "
                            + "[partitionId]:[brokerId],[partitionId]:[brokerId],...");
        }
    }
}
