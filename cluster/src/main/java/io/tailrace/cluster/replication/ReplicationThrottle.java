// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication;

import io.tailrace.cluster.config.ThrottledReplicas;
import io.tailrace.cluster.config.TopicConfigs;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.ConfigTarget;
import io.tailrace.cluster.metadata.PartitionImage;
import io.tailrace.cluster.metadata.TopicImage;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * One side of a node's replication throttle (KIP-73), as {@code kafka-reassign-partitions.sh --throttle} sets it: a rate on the node, and on each
 * topic the replicas that it is for.
 *
 * <p>Only a copy that is not in sync is held back: to slow down one that is would take it out of the ISR. Kafka lets copies in sync through as well, but
 * counts what they take; here they count for nothing, so that the rate is what the moving replicas get.
 *
 * <p>Belongs to one context.
 */
public final class ReplicationThrottle {

    /** Which end of the copying this is. */
    public enum Side {
        /** What this node sends as leader. */
        LEADER("leader.replication.throttled.rate", TopicConfigs.LEADER_THROTTLED_REPLICAS_CONFIG),
        /** What this node asks for as follower. */
        FOLLOWER("follower.replication.throttled.rate", TopicConfigs.FOLLOWER_THROTTLED_REPLICAS_CONFIG);

        private final String rateKey;
        private final String replicasKey;

        Side(String rateKey, String replicasKey) {
            this.rateKey = rateKey;
            this.replicasKey = replicasKey;
        }
    }

    private final Side side;
    private final int nodeId;
    private final Map<Uuid, ThrottledReplicas> lists = new HashMap<>();
    private TokenBucket bucket = new TokenBucket();
    private @Nullable ClusterImage seen;
    private long rate = TokenBucket.UNLIMITED;

    public ReplicationThrottle(Side side, int nodeId) {
        this.side = side;
        this.nodeId = nodeId;
    }

    /** Takes rate and lists from an image; costs nothing if it is the one of the last time. */
    @SuppressWarnings("ReferenceEquality") // an image never changes
    public void follow(ClusterImage image, long nowMs) {
        if (image == seen) {
            return;
        }
        seen = image;
        lists.clear();
        long now = rate(image);
        if (now == TokenBucket.UNLIMITED) {
            bucket = new TokenBucket();
        } else if (now != rate) {
            bucket.rate(now, nowMs);
        }
        rate = now;
    }

    /** Set on this node, else on all. */
    private long rate(ClusterImage image) {
        String own = image.configs(ConfigTarget.broker(nodeId)).get(side.rateKey);
        String set =
                own != null ? own : image.configs(ConfigTarget.brokerDefaults()).get(side.rateKey);
        return set == null ? TokenBucket.UNLIMITED : Math.max(1, Long.parseLong(set.trim()));
    }

    /** Whether there is any rate: if not, nothing need be looked at. */
    public boolean isLimited() {
        return bucket.isLimited();
    }

    /** Whether what is copied to {@code followerId} counts, and has to wait while the bucket is empty. */
    public boolean concerns(TopicImage topic, int partition, int followerId) {
        if (!bucket.isLimited()
                || partition < 0
                || partition >= topic.partitions().size()) {
            return false;
        }
        PartitionImage image = topic.partitions().get(partition);
        return !image.isr().contains(followerId)
                && lists.computeIfAbsent(
                                topic.id(),
                                id -> ThrottledReplicas.of(topic.configs().get(side.replicasKey), nodeId))
                        .contains(partition);
    }

    /** When the next bytes may go; {@code nowMs} if at once. */
    public long openAtMs(long nowMs) {
        return bucket.openAtMs(nowMs);
    }

    /** So much went that the throttle {@linkplain #concerns concerns}. */
    public void passed(long bytes, long nowMs) {
        bucket.take(bytes, nowMs);
    }
}
