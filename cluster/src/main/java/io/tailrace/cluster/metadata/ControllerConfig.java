// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.Uuid;

/**
 * What a controller is told once, at start.
 *
 * @param nodeId the node that it runs on
 * @param clusterId the cluster that the node's data belongs to; becomes the id of a cluster that is yet to be formed
 * @param features what this program supports, by feature name
 * @param incarnationId of the process: who registers under this node's id with another one is a second process; empty not to look
 */
public record ControllerConfig(
        int nodeId,
        String clusterId,
        TopicDefaults topics,
        Map<String, FeatureLevels> features,
        Optional<Uuid> incarnationId,
        Liveness liveness) {

    /** With Kafka's own timings, and no check of the incarnation. */
    public ControllerConfig(int nodeId, String clusterId, TopicDefaults topics, Map<String, FeatureLevels> features) {
        this(nodeId, clusterId, topics, features, Optional.empty(), new Liveness(9_000, 4_000, true, 300_000));
    }

    public ControllerConfig {
        features = Map.copyOf(features);
    }

    /**
     * When a node counts as gone, and how often leadership is put in order.
     *
     * @param sessionTimeoutMs {@code broker.session.timeout.ms}: a node that is silent for so long is fenced
     * @param suspicionMs how long a node may be silent from when membership lost sight of it, two heartbeats; at most the session timeout
     * @param rebalance {@code auto.leader.rebalance.enable}
     * @param rebalanceIntervalMs {@code leader.imbalance.check.interval.seconds}
     */
    public record Liveness(long sessionTimeoutMs, long suspicionMs, boolean rebalance, long rebalanceIntervalMs) {}

    /**
     * For requests that leave it open.
     *
     * @param partitions {@code num.partitions}
     * @param replicationFactor {@code default.replication.factor}
     * @param deletionAllowed {@code delete.topic.enable}
     */
    public record TopicDefaults(int partitions, int replicationFactor, boolean deletionAllowed) {}

    /**
     * Levels of one feature.
     *
     * @param initial what a new cluster starts with; 0 leaves the feature off
     */
    public record FeatureLevels(short lowest, short highest, short initial) {}
}
