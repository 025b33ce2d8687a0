// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import java.util.List;
import java.util.Map;

/**
 * Everything an operator set, checked, by area. {@link ConfigLoader} makes it.
 *
 * @param explicit what was set in any layer above the defaults, as text by key; what a client that asks is told as static configuration
 * @param warnings what the operator should know about keys that were read but do nothing here, one line each
 */
public record BrokerConfig(
        NodeConfig node,
        ListenerConfig listeners,
        NetworkConfig network,
        StorageConfig storage,
        TopicConfig topics,
        GroupConfig groups,
        TransactionConfig transactions,
        FetchConfig fetch,
        MetadataConfig metadata,
        ClusterConfig cluster,
        HttpConfig http,
        Map<String, String> explicit,
        List<String> warnings) {

    /** What a node has with nothing set: loopback, port 9092, the folder {@code data}. */
    public static BrokerConfig defaults() {
        return of(Map.of());
    }

    /** The defaults with these keys set; for tests and for embedding. The environment is not read. */
    public static BrokerConfig of(Map<String, String> values) {
        return new ConfigLoader().overrides(values).load();
    }
}
