// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import java.util.Map;

/**
 * What a controller is told once, at start.
 *
 * @param nodeId the node that it runs on
 * @param clusterId the cluster that the node's data belongs to; becomes the id of a cluster that is yet to be formed
 * @param features what this program supports, by feature name
 */
public record ControllerConfig(
        int nodeId, String clusterId, TopicDefaults topics, Map<String, FeatureLevels> features) {

    public ControllerConfig {
        features = Map.copyOf(features);
    }

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
