// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.group;

import io.tailrace.broker.bus.Bus;
import io.tailrace.broker.bus.Call;
import io.tailrace.broker.bus.Replies;
import io.tailrace.cluster.bus.GroupCall;
import io.tailrace.cluster.bus.GroupReply;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.coordinator.CoordinatorEvent;
import io.tailrace.cluster.coordinator.Journal;
import io.tailrace.cluster.coordinator.PartitionCoordinator;
import io.tailrace.cluster.group.GroupAnswer;
import io.tailrace.cluster.group.GroupFollowUp;
import io.tailrace.cluster.group.GroupMachine;
import io.tailrace.cluster.group.GroupRecordTypes;
import io.tailrace.cluster.group.GroupRequest;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.PartitionImage;
import io.tailrace.cluster.metadata.TopicImage;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * One shard of the group coordinator, on an event loop: the partitions of {@code __consumer_offsets} that this node leads and whose number
 * falls to the shard. It follows the cluster image: a partition is loaded when this node becomes its leader, dropped when it is not.
 *
 * <p>A group shard owns no file. It writes and reads through the log shard of the partition, over the bus, like everybody else.
 */
public final class GroupCoordinatorVerticle extends VerticleBase {

    /** What a group shard needs from the node around it; {@code machines} makes the state of a partition. */
    public record Ports(Bus bus, MetadataView metadata, int nodeId, Function<Journal, GroupMachine> machines) {}

    private final int shard;
    private final Ports ports;
    private final Map<Integer, HostedCoordinator> hosted = new HashMap<>();
    private final Replies replies = new Replies();
    private @Nullable MessageConsumer<Call<GroupCall>> consumer;
    private HostedCoordinator.Shard shared;
    private ClusterImage seen = ClusterImage.empty("");
    private boolean imageScheduled;
    private long lastTicket;

    @SuppressWarnings("NullAway.Init") // the fields of a verticle are set by start
    public GroupCoordinatorVerticle(int shard, Ports ports) {
        this.shard = shard;
        this.ports = ports;
    }

    @Override
    public Future<?> start() {
        shared = new HostedCoordinator.Shard(vertx, context, ports.bus(), replies, GroupRecordTypes.codec());
        ports.metadata().onChange(image -> context.runOnContext(applied -> scheduleImage()));
        consumer = ports.bus().serveGroup(shard, this::take);
        onImage();
        return consumer.completion();
    }

    private void take(Call<GroupCall> call) {
        HostedCoordinator coordinator = hosted.get(call.request().partition());
        if (coordinator == null) {
            replies.reply(call, new GroupReply.Refused(Errors.NOT_COORDINATOR));
            replies.flush();
        } else {
            coordinator.request(call);
        }
    }

    /** Many images in a row are looked at once. */
    private void scheduleImage() {
        if (!imageScheduled) {
            imageScheduled = true;
            context.runOnContext(scheduled -> onImage());
        }
    }

    private void onImage() {
        imageScheduled = false;
        ClusterImage image = ports.metadata().image();
        Optional<TopicImage> topic = image.topic(Topic.GROUP_METADATA_TOPIC_NAME);
        Set<Integer> gone = new HashSet<>(hosted.keySet());
        topic.ifPresent(known -> known.partitions().forEach(partition -> {
            if (GroupCoordinators.shardOf(partition.index(), ports.bus().shardCount()) == shard) {
                onPartition(PartitionKey.of(known, partition.index()), partition);
                gone.remove(partition.index());
            }
        }));
        gone.forEach(this::drop);
        dropDeletedTopics(image);
        seen = image;
    }

    private void dropDeletedTopics(ClusterImage image) {
        // Images share what did not change.
        if (seen.topicNames() == image.topicNames()) {
            return;
        }
        Map<Uuid, String> deleted = new HashMap<>();
        seen.topicNames().forEach((id, name) -> {
            if (!image.topicNames().containsKey(id)) {
                deleted.put(id, name);
            }
        });
        if (!deleted.isEmpty()) {
            hosted.values().forEach(coordinator -> coordinator.dropTopics(deleted));
        }
    }

    private void onPartition(PartitionKey key, PartitionImage partition) {
        HostedCoordinator current = hosted.get(partition.index());
        if (current != null && !current.partition().equals(key)) {
            drop(partition.index());
            current = null;
        }
        if (partition.leader() == ports.nodeId()) {
            if (current == null) {
                current = new HostedCoordinator(shared, key, machine(), () -> ++lastTicket);
                hosted.put(partition.index(), current);
            }
            current.feed(new CoordinatorEvent.Elected<>(partition.leaderEpoch()));
        } else if (current != null) {
            current.feed(new CoordinatorEvent.Resigned<>(partition.leaderEpoch()));
        }
    }

    private PartitionCoordinator<GroupRequest, GroupAnswer, GroupFollowUp> machine() {
        return new PartitionCoordinator<>(
                PartitionCoordinator.Limits.DEFAULT, GroupRecordTypes.codec(), ports.machines());
    }

    private void drop(int partition) {
        HostedCoordinator coordinator = hosted.remove(partition);
        if (coordinator != null) {
            coordinator.close();
        }
    }

    /** Sends everybody who waits to the next coordinator. */
    @Override
    public Future<?> stop() {
        Future<?> silent = consumer == null ? Future.succeededFuture() : consumer.unregister();
        return silent.andThen(unregistered -> Set.copyOf(hosted.keySet()).forEach(this::drop));
    }
}
