// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api.fetch;

import io.tailrace.cluster.metadata.BrokerImage;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.PartitionImage;
import java.util.OptionalInt;

/**
 * Which replica a consumer is to read from (KIP-392): one in its rack, if the leader is in another. Only in-sync ones, since they are at most
 * {@code replica.lag.time.max.ms} behind; of several the one after the leader in the order of replicas, so that partitions spread.
 *
 * <p>Kafka's RackAwareReplicaSelector takes the one that has most; an in-sync one here lets a reader wait that is ahead of it.
 */
public final class ReadReplicas {

    private ReadReplicas() {}

    /** @return empty if the leader is to be read, or this node does not lead */
    public static OptionalInt preferred(ClusterImage image, PartitionImage partition, int nodeId, String rack) {
        if (rack.isEmpty() || partition.leader() != nodeId || isIn(rack, nodeId, image)) {
            return OptionalInt.empty();
        }
        int count = partition.replicas().size();
        int start = partition.replicas().indexOf(nodeId);
        for (int i = 1; i < count; i++) {
            int candidate = partition.replicas().get((start + i) % count);
            if (partition.isr().contains(candidate) && isIn(rack, candidate, image)) {
                return OptionalInt.of(candidate);
            }
        }
        return OptionalInt.empty();
    }

    private static boolean isIn(String rack, int nodeId, ClusterImage image) {
        BrokerImage broker = image.brokers().get(nodeId);
        return broker != null
                && broker.active()
                && broker.rack().filter(rack::equals).isPresent();
    }
}
