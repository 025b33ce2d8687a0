// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.admin;

import io.tailrace.cluster.bus.DescribePartitions;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.PartitionImage;
import io.tailrace.gateway.log.LogShards;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Sizes and ends of all partitions, and the disks of all nodes. One sample serves everybody who asks within a second: a console that is open in
 * ten windows asks the shards no more often than one.
 */
final class PartitionStats {

    private static final long FRESH_MS = 1_000;

    private final LogShards logs;
    private final MetadataView metadata;
    private @Nullable Future<Sample> newest;
    private long takenMs;

    PartitionStats(LogShards logs, MetadataView metadata) {
        this.logs = logs;
        this.metadata = metadata;
    }

    /**
     * @param partitions as their leaders have them; as another replica does where there is no leader
     * @param nodes those that could be asked
     */
    record Sample(
            Map<PartitionKey, DescribePartitions.Partition> partitions,
            Map<TopicPartition, DescribePartitions.Partition> byName,
            Map<Integer, Node> nodes) {

        DescribePartitions.@Nullable Partition of(PartitionKey partition) {
            return partitions.get(partition);
        }

        /** The high watermark; -1 if it is not known. */
        long end(TopicPartition partition) {
            DescribePartitions.Partition found = byName.get(partition);
            return found == null ? -1 : found.highWatermark();
        }

        /** Of the logs of all nodes. */
        long bytes() {
            return nodes.values().stream().mapToLong(Node::bytes).sum();
        }
    }

    /**
     * What a node holds.
     *
     * @param directories by path
     * @param bytesByPath of the logs in each directory
     */
    record Node(Map<String, DescribePartitions.Directory> directories, Map<String, Long> bytesByPath) {

        long bytes() {
            return bytesByPath.values().stream().mapToLong(Long::longValue).sum();
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
        Future<Sample> asked = logs.describe().map(nodes -> merge(nodes, metadata.image()));
        newest = asked;
        return asked;
    }

    /** What is true now, for who must not miss what was just written: at the price of a question to each shard. */
    Future<Sample> now() {
        newest = null;
        return sample();
    }

    private static Sample merge(Map<Integer, List<DescribePartitions.Reply>> told, ClusterImage image) {
        Map<PartitionKey, DescribePartitions.Partition> partitions = new HashMap<>();
        Map<TopicPartition, DescribePartitions.Partition> byName = new HashMap<>();
        Map<Integer, Node> nodes = new TreeMap<>();
        told.forEach((id, shards) -> {
            Node node = new Node(new TreeMap<>(), new HashMap<>());
            nodes.put(id, node);
            for (DescribePartitions.Reply shard : shards) {
                for (DescribePartitions.Partition partition : shard.partitions()) {
                    node.bytesByPath.merge(partition.directory(), partition.bytes(), Long::sum);
                    if (leader(image, partition.key()) == id) {
                        partitions.put(partition.key(), partition);
                    } else {
                        partitions.putIfAbsent(partition.key(), partition);
                    }
                }
                shard.directories().forEach(directory -> node.directories.putIfAbsent(directory.path(), directory));
            }
        });
        partitions
                .values()
                .forEach(partition -> byName.put(
                        new TopicPartition(partition.topic(), partition.key().partition()), partition));
        return new Sample(partitions, byName, nodes);
    }

    private static int leader(ClusterImage image, PartitionKey partition) {
        return image.topic(partition.topicId())
                .filter(topic -> partition.partition() < topic.partitions().size())
                .map(topic -> topic.partitions().get(partition.partition()).leader())
                .orElse(PartitionImage.NO_LEADER);
    }
}
