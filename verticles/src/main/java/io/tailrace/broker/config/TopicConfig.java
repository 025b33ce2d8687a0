// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import java.util.List;
import java.util.Map;

/**
 * What a new topic gets that does not ask for anything else.
 *
 * @param partitions of a topic created without a number
 * @param replicationFactor of a topic created without one
 * @param autoCreate whether a Metadata request may create a topic
 * @param defaults by topic config name (as {@code retention.ms}), only what the operator set; a topic's own config goes before it
 */
public record TopicConfig(
        int partitions, short replicationFactor, boolean autoCreate, boolean deletable, Map<String, String> defaults) {

    static final Key<Integer> PARTITIONS = Key.integer(
            "num.partitions", 1, 1, "partitions", "Partitions of a topic that is created without a number of its own.");
    static final Key<Integer> REPLICATION = Key.integer(
            "default.replication.factor",
            1,
            1,
            Short.MAX_VALUE,
            "replicas",
            "Replicas of a topic that is created without a number of its own.");
    static final Key<Boolean> AUTO_CREATE =
            Key.flag("auto.create.topics.enable", true, "Whether a client that asks for an unknown topic creates it.");
    static final Key<Boolean> DELETABLE = Key.flag("delete.topic.enable", true, "Whether topics can be deleted.");

    static final List<Key<?>> KEYS = List.of(PARTITIONS, REPLICATION, AUTO_CREATE, DELETABLE);

    static TopicConfig from(Settings settings) {
        return new TopicConfig(
                settings.get(PARTITIONS),
                settings.get(REPLICATION).shortValue(),
                settings.get(AUTO_CREATE),
                settings.get(DELETABLE),
                TopicDefaults.from(settings));
    }
}
