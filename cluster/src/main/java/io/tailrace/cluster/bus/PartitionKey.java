// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.bus;

import io.tailrace.cluster.metadata.TopicImage;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * One partition of one incarnation of a topic. It is the topic's id, not its name, that tells two of them apart: a topic deleted and created
 * anew is never mistaken for the old one (KAFKA-12257).
 *
 * @param topic name of the topic; not compared
 */
public record PartitionKey(Uuid topicId, String topic, int partition) {

    public static PartitionKey of(TopicImage topic, int partition) {
        return new PartitionKey(topic.id(), topic.name(), partition);
    }

    /**
     * The shard that owns a partition on a node with {@code shardCount} shards, in [0, shardCount). By name: all incarnations of a topic share
     * a directory, and so must share the thread that writes to it. Neighbouring partitions go to neighbouring shards, so that a topic is
     * spread evenly however few its partitions are.
     */
    public static int shard(String topic, int partition, int shardCount) {
        return Math.floorMod(topic.hashCode() + partition, shardCount);
    }

    /** As {@link #shard(String, int, int)}, of this partition. */
    public int shard(int shardCount) {
        return shard(topic, partition, shardCount);
    }

    public TopicPartition topicPartition() {
        return new TopicPartition(topic, partition);
    }

    /** Topic ids are random already. */
    @Override
    public int hashCode() {
        return Long.hashCode(topicId.getLeastSignificantBits()) * 31 + partition;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PartitionKey key && key.partition == partition && key.topicId.equals(topicId);
    }
}
