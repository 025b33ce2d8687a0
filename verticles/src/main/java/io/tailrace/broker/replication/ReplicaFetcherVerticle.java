// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.replication;

import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.PartitionImage;
import io.tailrace.cluster.metadata.TopicImage;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.HashMap;
import java.util.Map;

/**
 * Copies what this node follows: one {@link LeaderFetcher} for each node that leads any of it. Follows the image: a fetcher whose partitions
 * changed hands is told to look at once.
 */
public final class ReplicaFetcherVerticle extends VerticleBase {

    private final ReplicaPorts ports;
    private final CopyPace pace;
    private final Map<Integer, LeaderFetcher> fetchers = new HashMap<>();

    /** By leader: what it leads, boiled down to a number that changes with it. */
    private Map<Integer, Long> led = Map.of();

    private boolean imageScheduled;
    private volatile boolean stopping;

    public ReplicaFetcherVerticle(ReplicaPorts ports) {
        this.ports = ports;
        this.pace = new CopyPace(ports.nodeId(), ports.mendingBytesPerSecond(), System.currentTimeMillis());
    }

    @Override
    public Future<?> start() {
        ports.metadata().onChange(image -> {
            if (!stopping) {
                context.runOnContext(changed -> scheduleImage());
            }
        });
        onImage();
        return Future.succeededFuture();
    }

    /** Many images in a row are looked at once. */
    private void scheduleImage() {
        if (!imageScheduled) {
            imageScheduled = true;
            context.runOnContext(scheduled -> {
                imageScheduled = false;
                onImage();
            });
        }
    }

    private void onImage() {
        if (stopping || ports.brokerEpoch() < 0) {
            return;
        }
        Map<Integer, Long> now = led(ports.metadata().image());
        now.forEach((leader, sum) -> {
            if (!sum.equals(led.get(leader))) {
                fetchers.computeIfAbsent(leader, node -> new LeaderFetcher(vertx, ports, node, pace))
                        .nudge();
            }
        });
        led = now;
    }

    private Map<Integer, Long> led(ClusterImage image) {
        Map<Integer, Long> sums = new HashMap<>();
        for (TopicImage topic : image.topics().values()) {
            for (PartitionImage partition : topic.partitions()) {
                if (partition.leader() != ports.nodeId()
                        && partition.leader() != PartitionImage.NO_LEADER
                        && partition.replicas().contains(ports.nodeId())) {
                    long sum = (topic.id().hashCode() * 31L + partition.index()) * 31 + partition.leaderEpoch();
                    sums.merge(partition.leader(), sum * 0x9E3779B97F4A7C15L, Long::sum);
                }
            }
        }
        return sums;
    }

    @Override
    public Future<?> stop() {
        stopping = true;
        fetchers.values().forEach(LeaderFetcher::stop);
        return Future.succeededFuture();
    }
}
