// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.group;

import io.tailrace.broker.config.GroupConfig;
import io.tailrace.broker.config.TransactionConfig;
import io.tailrace.broker.controller.ControllerClient;
import io.tailrace.cluster.metadata.ControllerRequest.CreateTopics;
import io.tailrace.cluster.metadata.ControllerRequest.NewTopic;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.TopicImage;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.internals.Topic;

/**
 * The topics that coordinators live on, made by the controller when the first client looks for one. As in Kafka: compacted, never
 * compressed by the broker, with as many replicas as configured or as there are nodes.
 *
 * <p>Safe from any thread.
 */
public final class CoordinatorTopics {

    private static final long CREATION_TIMEOUT_MS = 10_000;

    private final MetadataView metadata;
    private final ControllerClient controller;
    private final Map<String, Settings> settings;

    /** What a coordinator topic is made with. */
    private record Settings(int partitions, short replicationFactor, int segmentBytes) {}

    public CoordinatorTopics(
            MetadataView metadata, ControllerClient controller, GroupConfig groups, TransactionConfig transactions) {
        this.metadata = metadata;
        this.controller = controller;
        this.settings = Map.of(
                Topic.GROUP_METADATA_TOPIC_NAME,
                new Settings(
                        groups.offsetsPartitions(), groups.offsetsReplicationFactor(), groups.offsetsSegmentBytes()),
                Topic.TRANSACTION_STATE_TOPIC_NAME,
                new Settings(
                        transactions.statePartitions(),
                        transactions.stateReplicationFactor(),
                        transactions.stateSegmentBytes()));
    }

    /** The topic; made first if it is not there. Empty if it could not be made yet: ask again. Never fails. */
    public Future<Optional<TopicImage>> find(String topic) {
        Optional<TopicImage> known = metadata.image().topic(topic);
        if (known.isPresent()) {
            return Future.succeededFuture(known);
        }
        return controller
                .submit(new CreateTopics(List.of(newTopic(topic)), false), CREATION_TIMEOUT_MS)
                .transform(done -> Future.succeededFuture(metadata.image().topic(topic)));
    }

    private NewTopic newTopic(String topic) {
        Settings wanted = settings.get(topic);
        if (wanted == null) {
            throw new IllegalArgumentException(topic + " belongs to no coordinator");
        }
        long nodes = metadata.image().brokers().values().stream()
                .filter(broker -> !broker.fenced())
                .count();
        int replicas = (int) Math.max(1, Math.min(wanted.replicationFactor(), nodes));
        return new NewTopic(
                topic,
                wanted.partitions(),
                replicas,
                new TreeMap<>(),
                Map.of(
                        TopicConfig.CLEANUP_POLICY_CONFIG, Optional.of(TopicConfig.CLEANUP_POLICY_COMPACT),
                        TopicConfig.COMPRESSION_TYPE_CONFIG, Optional.of("producer"),
                        TopicConfig.SEGMENT_BYTES_CONFIG, Optional.of(String.valueOf(wanted.segmentBytes()))));
    }
}
