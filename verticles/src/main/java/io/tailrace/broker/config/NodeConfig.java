// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import java.util.List;
import java.util.Optional;

/**
 * Who this node is.
 *
 * @param id node id, unique in the cluster
 * @param rack where the node stands, for rack-aware placement and fetching from the closest replica
 * @param shards how many threads own partitions; at least 1
 */
public record NodeConfig(int id, Optional<String> rack, int shards) {

    static final Key<Integer> ID = Key.integer(
            "node.id",
            1,
            0,
            "",
            "Number of this node, unique in the cluster and never changed. Kafka's older broker.id is read too.");
    static final Key<Optional<String>> RACK = Key.optional(
            "broker.rack",
            "any text",
            "Where this node stands: replicas are spread over racks, and consumers may read from their own.");
    static final Key<Integer> SHARDS = Key.integer(
            "shards",
            0,
            0,
            1024,
            "threads",
            "Threads that own the partitions, each its share of them. 0 means one for each core.");

    static final List<Key<?>> KEYS = List.of(ID, RACK, SHARDS);

    static NodeConfig from(Settings settings) {
        int shards = settings.get(SHARDS);
        return new NodeConfig(
                settings.get(ID),
                settings.get(RACK),
                shards > 0 ? shards : Runtime.getRuntime().availableProcessors());
    }
}
