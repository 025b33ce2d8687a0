// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.log;

import io.tailrace.cluster.bus.DescribePartitions;
import io.tailrace.cluster.bus.LogRequest;
import io.tailrace.cluster.bus.PartitionKey;
import io.vertx.core.Future;
import java.util.List;

/** The log of this node, as the gateway asks for it; the broker brings it. */
public interface LogShards {

    /**
     * Asks the shard of a partition, which must be the only one the request names. The future completes on the context that asked, and fails
     * only if the shard cannot be reached now.
     */
    <R> Future<R> ask(PartitionKey partition, LogRequest<R> request);

    /** What all shards hold; likewise. */
    Future<List<DescribePartitions.Reply>> describe();
}
