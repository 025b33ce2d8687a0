// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.ConsumerProtocolSubscription;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes what classic consumers put into JoinGroup and SyncGroup: Kafka's embedded consumer protocol. It names topics; groups know
 * them by id, so a topic that does not exist is left out.
 */
final class EmbeddedProtocol {

    private EmbeddedProtocol() {}

    /**
     * A subscription.
     *
     * @param owned what the member says that it owns; nothing if it gave all back before it joined, as eager members do
     */
    record Subscribed(NavigableSet<String> topics, @Nullable String rackId, NavigableSet<PartitionId> owned) {}

    /** Empty if the bytes are not a subscription. */
    static Optional<Subscribed> subscription(byte[] bytes, Topics topics) {
        try {
            ConsumerProtocolSubscription read =
                    ConsumerProtocol.deserializeConsumerProtocolSubscription(ByteBuffer.wrap(bytes));
            NavigableSet<PartitionId> owned = new TreeSet<>();
            read.ownedPartitions().forEach(topic -> topic.partitions()
                    .forEach(number -> topics.partition(topic.topic(), number).ifPresent(owned::add)));
            return Optional.of(new Subscribed(new TreeSet<>(read.topics()), read.rackId(), owned));
        } catch (RuntimeException malformed) {
            // The reader has no one exception for bytes that are too short, too long or no text.
            return Optional.empty();
        }
    }

    /** Empty if the bytes are not an assignment; no bytes at all assign nothing. */
    static Optional<NavigableSet<PartitionId>> assignment(byte[] bytes, Topics topics) {
        NavigableSet<PartitionId> assigned = new TreeSet<>();
        if (bytes.length == 0) {
            return Optional.of(assigned);
        }
        try {
            ConsumerProtocol.deserializeConsumerProtocolAssignment(ByteBuffer.wrap(bytes))
                    .assignedPartitions()
                    .forEach(topic -> topic.partitions().forEach(number -> topics.partition(topic.topic(), number)
                            .ifPresent(assigned::add)));
            return Optional.of(assigned);
        } catch (RuntimeException malformed) {
            // As above.
            return Optional.empty();
        }
    }

    /** An assignment in the version of the member's subscription, which was read before. */
    static byte[] assignment(Set<PartitionId> partitions, byte[] subscription, Topics topics) {
        List<TopicPartition> named = new ArrayList<>(partitions.size());
        partitions.forEach(partition -> topics.name(partition.topicId())
                .ifPresent(name -> named.add(new TopicPartition(name, partition.partition()))));
        short version = ConsumerProtocol.deserializeVersion(ByteBuffer.wrap(subscription));
        ByteBuffer written = ConsumerProtocol.serializeAssignment(new Assignment(named), version);
        byte[] bytes = new byte[written.remaining()];
        written.get(bytes);
        return bytes;
    }
}
