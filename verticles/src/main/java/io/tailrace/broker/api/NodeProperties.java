// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.cluster.config.ConfigLayers;
import io.tailrace.cluster.config.ConfigSchema;
import io.tailrace.cluster.metadata.ClusterImage;
import java.util.Map;

/**
 * What this node was started with.
 *
 * @param keys all that can be set on a node
 * @param statics what the operator set, by file or environment; not the defaults
 */
public record NodeProperties(int nodeId, ConfigSchema keys, Map<String, String> statics) {

    public NodeProperties {
        statics = Map.copyOf(statics);
    }

    /** The same, and what was set since at run time. */
    public ConfigLayers layers(ClusterImage image) {
        return ConfigLayers.of(image, nodeId, keys, statics);
    }
}
