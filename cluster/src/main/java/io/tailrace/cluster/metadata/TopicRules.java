// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.TopicConfig;

/** What topic configuration says of leadership: the topic's own, else the cluster's dynamic default, else this node's. */
final class TopicRules {

    private final ConfigPolicy policy;

    TopicRules(ConfigPolicy policy) {
        this.policy = policy;
    }

    /** For the partitions of one topic, with every active node allowed to lead. */
    Leadership.Rules of(TopicImage topic, ClusterImage image) {
        return new Leadership.Rules(
                node -> BrokerChanges.isActive(node, image),
                Integer.parseInt(value(topic, image, TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, "1")),
                Boolean.parseBoolean(value(topic, image, TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG, "false")));
    }

    private String value(TopicImage topic, ClusterImage image, String key, String last) {
        Map<String, String> clusterWide = image.configs(ConfigTarget.brokerDefaults());
        return Optional.ofNullable(topic.configs().get(key))
                .or(() -> Optional.ofNullable(clusterWide.get(key)))
                .or(() -> policy.defaultValue(ConfigTarget.Kind.TOPIC, key))
                .orElse(last)
                .strip();
    }
}
