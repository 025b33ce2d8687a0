// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.stream;

import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.MetadataView;
import io.vertx.core.Context;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.Uuid;

/** Tells subscriptions to whole topics of partitions that are added to these. One event loop; many images in a row are looked at once. */
public final class Growth {

    private final MetadataView metadata;
    private final Map<Uuid, Set<SubscriptionHost>> followers = new HashMap<>();

    public Growth(Context context, MetadataView metadata) {
        this.metadata = metadata;
        AtomicBoolean scheduled = new AtomicBoolean();
        metadata.onChange(image -> {
            if (scheduled.compareAndSet(false, true)) {
                context.runOnContext(now -> {
                    scheduled.set(false);
                    look();
                });
            }
        });
    }

    void add(Uuid topicId, SubscriptionHost follower) {
        followers.computeIfAbsent(topicId, id -> new HashSet<>()).add(follower);
    }

    void remove(Uuid topicId, SubscriptionHost follower) {
        Set<SubscriptionHost> left = followers.get(topicId);
        if (left != null && left.remove(follower) && left.isEmpty()) {
            followers.remove(topicId);
        }
    }

    private void look() {
        ClusterImage image = metadata.image();
        // A subscription that is told may end, and take itself away.
        for (Uuid topicId : List.copyOf(followers.keySet())) {
            image.topic(topicId).ifPresent(topic -> List.copyOf(followers.getOrDefault(topicId, Set.of()))
                    .forEach(follower -> follower.grow(topic.partitions().size())));
        }
    }
}
