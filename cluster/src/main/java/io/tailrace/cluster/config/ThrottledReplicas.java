// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.config;

import java.util.List;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef.LambdaValidator;
import org.apache.kafka.common.config.ConfigDef.Validator;
import org.apache.kafka.common.config.ConfigException;

/** The shape of the two lists of throttled replicas: a lone {@code *}, or {@code partition:node} pairs. */
final class ThrottledReplicas {

    private static final Pattern PAIR = Pattern.compile("\\d+:\\d+");

    static final Validator VALIDATOR = LambdaValidator.with(
            ThrottledReplicas::ensureValid, () -> "[partitionId]:[brokerId],[partitionId]:[brokerId],...");

    private ThrottledReplicas() {}

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
