// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.log;

import io.tailrace.cluster.bus.DescribePartitions;
import io.tailrace.cluster.bus.LogRequest;
import io.tailrace.cluster.bus.PartitionKey;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;

/** The log of the cluster, as the gateway asks for it, wherever a partition is led; the broker brings it. */
public interface LogShards {

    /**
     * Asks the shard of a partition, which must be the only one the request names. The future completes on the context that asked, and fails
     * only if a shard of this node cannot be reached now; what cannot be had of others is refused with a retriable error.
     */
    <R> Future<R> ask(PartitionKey partition, LogRequest<R> request);

    /** What the shards of each node hold; without nodes that cannot be reached now. Likewise. */
    Future<Map<Integer, List<DescribePartitions.Reply>>> describe();
}
