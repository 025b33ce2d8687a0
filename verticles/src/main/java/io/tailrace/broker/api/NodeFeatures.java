// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.api.BrokerFeatures.Range;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.ControllerConfig.FeatureLevels;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The features that this program has, by Kafka's names (KIP-584), and what it tells of them.
 *
 * <p>Clients act on some of them, so a feature is listed when it is there and not before. {@code metadata.version} says up to which of Kafka's
 * releases tools may take this cluster for: 7 is 3.3, 30 is 4.3. {@code group.version} 1 is the consumer group protocol of KIP-848. Not
 * listed: {@code transaction.version}, so that clients keep to the first transaction protocol; {@code share.version}; {@code
 * streams.version}.
 */
public final class NodeFeatures {

    private static final Map<String, FeatureLevels> LEVELS = Map.of(
            "metadata.version", new FeatureLevels((short) 7, (short) 30, (short) 30),
            "group.version", new FeatureLevels((short) 0, (short) 1, (short) 1));

    private NodeFeatures() {}

    /** What the controller of a new cluster starts with and may raise to. */
    public static Map<String, FeatureLevels> levels() {
        return LEVELS;
    }

    /** What ApiVersions tells. */
    public static BrokerFeatures told(ClusterImage image) {
        SortedMap<String, Range> supported = new TreeMap<>();
        LEVELS.forEach((name, levels) -> supported.put(name, new Range(levels.lowest(), levels.highest())));
        SortedMap<String, Short> finalized = new TreeMap<>(image.features());
        finalized.values().removeIf(level -> level == 0);
        return new BrokerFeatures(supported, finalized, image.version() == 0 ? -1 : image.version());
    }
}
