// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.Uuid;

/**
 * The whole of the cluster's metadata at one point of the metadata log. Immutable: a change makes a new image.
 *
 * <p>Made by the image builder, whose maps share what did not change with the image before; start from {@link #empty}.
 *
 * @param version how many metadata records were applied since the cluster was formed, so the index of the last one, from 1; never goes back
 *     on one node
 * @param controllerId node id of the controller, or -1 if unknown
 * @param topics by name
 * @param topicNames name by topic id
 * @param brokers by node id
 * @param brokerConfigs dynamic broker configs by node id as text; the empty string holds the cluster-wide defaults
 * @param groupConfigs dynamic group configs by group name
 * @param clientMetricsConfigs client metrics subscriptions by name (KIP-714)
 * @param features finalised feature levels by name
 * @param nextProducerId the lowest producer id that no node was given yet
 */
public record ClusterImage(
        String clusterId,
        long version,
        int controllerId,
        Map<String, TopicImage> topics,
        Map<Uuid, String> topicNames,
        Map<Integer, BrokerImage> brokers,
        Map<String, Map<String, String>> brokerConfigs,
        Map<String, Map<String, String>> groupConfigs,
        Map<String, Map<String, String>> clientMetricsConfigs,
        Map<String, Short> features,
        long nextProducerId) {

    /** No controller, no node, no topic. */
    public static ClusterImage empty(String clusterId) {
        return new ClusterImage(
                clusterId, 0, -1, Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), 0);
    }

    public Optional<TopicImage> topic(String name) {
        return Optional.ofNullable(topics.get(name));
    }

    public Optional<TopicImage> topic(Uuid id) {
        return Optional.ofNullable(topicNames.get(id)).map(topics::get);
    }

    /** This image, with another node known to be the controller; the version stays. */
    ClusterImage withController(int nodeId) {
        return new ClusterImage(
                clusterId,
                version,
                nodeId,
                topics,
                topicNames,
                brokers,
                brokerConfigs,
                groupConfigs,
                clientMetricsConfigs,
                features,
                nextProducerId);
    }

    /** What is set on a target; empty if nothing, or if there is no such topic. */
    public Map<String, String> configs(ConfigTarget target) {
        return switch (target.kind()) {
            case TOPIC -> topic(target.name()).map(TopicImage::configs).orElse(Map.of());
            case BROKER -> brokerConfigs.getOrDefault(target.name(), Map.of());
            case GROUP -> groupConfigs.getOrDefault(target.name(), Map.of());
            case CLIENT_METRICS -> clientMetricsConfigs.getOrDefault(target.name(), Map.of());
        };
    }

    public Optional<PartitionImage> partition(String topic, int index) {
        TopicImage image = topics.get(topic);
        return image == null || index < 0 || index >= image.partitions().size()
                ? Optional.empty()
                : Optional.of(image.partitions().get(index));
    }
}
