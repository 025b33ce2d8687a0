// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.replication;

import io.tailrace.broker.bus.Bus;
import io.tailrace.cluster.metadata.BrokerImage;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.MetadataView;
import org.apache.kafka.common.Uuid;

/**
 * What copying needs from the node around it.
 *
 * @param incarnationId drawn by this process
 * @param replicaLagMaxMs {@code replica.lag.time.max.ms}: who shows up less often is out of sync as soon as something is written
 * @param mendingBytesPerSecond how fast logs that were rotten are copied anew; at least 1
 */
public record ReplicaPorts(
        int nodeId,
        Uuid incarnationId,
        Bus bus,
        MetadataView metadata,
        ReplicaTransport transport,
        long replicaLagMaxMs,
        long mendingBytesPerSecond) {

    /** The broker epoch of this start of the node, or -1 while the image does not know it. */
    long brokerEpoch() {
        ClusterImage image = metadata.image();
        BrokerImage self = image.brokers().get(nodeId);
        return self != null && self.incarnationId().equals(incarnationId) ? self.epoch() : -1;
    }
}
