// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.admin;

import io.tailrace.cluster.bus.DescribePartitions;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.gateway.log.LogShards;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Sizes and ends of all partitions on this node. One sample serves everybody who asks within a second: a console that is open in ten windows
 * asks the shards no more often than one.
 */
final class PartitionStats {

    private static final long FRESH_MS = 1_000;

    private final LogShards logs;
    private @Nullable Future<Sample> newest;
    private long takenMs;

    PartitionStats(LogShards logs) {
        this.logs = logs;
    }

    /** @param directories by path */
    record Sample(
            Map<PartitionKey, DescribePartitions.Partition> partitions,
            Map<TopicPartition, DescribePartitions.Partition> byName,
            Map<String, DescribePartitions.Directory> directories) {

        DescribePartitions.@Nullable Partition of(PartitionKey partition) {
            return partitions.get(partition);
        }

        /** The high watermark; -1 if this node does not have the partition. */
        long end(TopicPartition partition) {
            DescribePartitions.Partition found = byName.get(partition);
            return found == null ? -1 : found.highWatermark();
        }
    }

    Future<Sample> sample() {
        long nowMs = System.currentTimeMillis();
        Future<Sample> known = newest;
        // A clock that was set back must not make a sample young for ever.
        boolean fresh = known != null && nowMs >= takenMs && nowMs - takenMs < FRESH_MS && !known.failed();
        if (known != null && fresh) {
            return known;
        }
        takenMs = nowMs;
        Future<Sample> asked = logs.describe().map(PartitionStats::merge);
        newest = asked;
        return asked;
    }

    /** What is true now, for who must not miss what was just written: at the price of a question to each shard. */
    Future<Sample> now() {
        newest = null;
        return sample();
    }

    private static Sample merge(List<DescribePartitions.Reply> shards) {
        Map<PartitionKey, DescribePartitions.Partition> partitions = new HashMap<>();
        Map<TopicPartition, DescribePartitions.Partition> byName = new HashMap<>();
        Map<String, DescribePartitions.Directory> directories = new TreeMap<>();
        for (DescribePartitions.Reply shard : shards) {
            for (DescribePartitions.Partition partition : shard.partitions()) {
                partitions.put(partition.key(), partition);
                byName.put(new TopicPartition(partition.topic(), partition.key().partition()), partition);
            }
            shard.directories().forEach(directory -> directories.putIfAbsent(directory.path(), directory));
        }
        return new Sample(partitions, byName, directories);
    }
}
