// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.config.ConfigLayers;
import io.tailrace.cluster.config.TopicConfigs;
import io.tailrace.cluster.metadata.BrokerImage;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.PartitionImage;
import io.tailrace.cluster.metadata.TopicImage;
import io.tailrace.cluster.replication.FollowerEvent;
import io.tailrace.cluster.replication.LeaderEvent;
import io.tailrace.cluster.replication.ReplicaSet;
import io.tailrace.log.LogConfig;
import io.tailrace.log.PartitionLog;
import io.tailrace.log.ShardLog;
import io.tailrace.log.disk.StorageException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions of a shard that somebody asked for, kept in line with the cluster image.
 *
 * <p>Lazy: a partition is opened, or created on disk, by the first request for it; an image with ten thousand new partitions costs nothing.
 *
 * <p>Careful: a log is deleted only when this process saw its topic in one image and not in the next, or when an image knows the topic and
 * says that the partition is on other nodes. The latter counts only in an image that knows this start of the node: while the metadata log is
 * read again, images of long ago pass by, and since then the partition may have come back. A log on disk that no image knows is left alone: an
 * image that lost a topic must not cost its data as well (NATS server 7556).
 */
final class HostedPartitions {

    private static final Logger LOG = LoggerFactory.getLogger(HostedPartitions.class);

    private final int nodeId;
    private final long replicaLagMaxMs;
    private final Uuid incarnationId;
    private final MetadataView metadata;
    private final Function<ClusterImage, ConfigLayers> layers;
    private final ShardLog shardLog;
    private final LeaderEffects effects;
    private final Followers followers;
    private final Map<PartitionKey, HostedPartition> byKey = new HashMap<>();
    private final Map<Uuid, LogConfig> configs = new HashMap<>();

    /** What was thrown away because it was rotten, and is not begun anew yet. */
    private final Set<PartitionKey> thrownAway = new HashSet<>(0);

    /** What is to be here and cannot be opened; tried again now and then. */
    private final Set<PartitionKey> unopened = new LinkedHashSet<>();

    /** By the node that leads. */
    private final Map<Integer, List<HostedPartition>> copies = new HashMap<>();

    private final Predicate<PartitionKey> isMine;
    private ClusterImage seen;

    HostedPartitions(
            int shard,
            ShardRules rules,
            ShardPorts ports,
            ShardLog shardLog,
            LeaderEffects effects,
            Followers followers) {
        this.nodeId = rules.nodeId();
        this.replicaLagMaxMs = rules.replicaLagMaxMs();
        this.incarnationId = ports.incarnationId();
        this.followers = followers;
        this.metadata = ports.metadata();
        this.layers = ports.layers();
        this.shardLog = shardLog;
        this.effects = effects;
        this.isMine = key -> ports.bus().shardOf(key) == shard;
        this.seen = metadata.image();
    }

    Collection<HostedPartition> all() {
        return byKey.values();
    }

    /** The partition if it is open; null if nobody asked for it yet. */
    @Nullable
    HostedPartition hosted(PartitionKey key) {
        return byKey.get(key);
    }

    @Nullable
    HostedPartition hosted(TopicPartition name) {
        return shardLog.partition(name)
                .map(log -> byKey.get(new PartitionKey(log.topicId(), name.topic(), name.partition())))
                .orElse(null);
    }

    ShardLog shardLog() {
        return shardLog;
    }

    /** The partition, opened if need be; null if this node has no replica of it, which {@link #absence} explains. */
    @Nullable
    HostedPartition find(PartitionKey key, long nowMs) {
        HostedPartition hosted = byKey.get(key);
        return hosted != null ? hosted : open(key, nowMs);
    }

    /** Why {@link #find} found nothing. */
    Errors absence(PartitionKey key) {
        Optional<TopicImage> topic = metadata.image().topic(key.topicId());
        if (topic.isEmpty()) {
            return Errors.UNKNOWN_TOPIC_ID;
        }
        if (key.partition() < 0 || key.partition() >= topic.get().partitions().size()) {
            return Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        return isHere(topic.get().partitions().get(key.partition()))
                ? Errors.KAFKA_STORAGE_ERROR
                : Errors.NOT_LEADER_OR_FOLLOWER;
    }

    private @Nullable HostedPartition open(PartitionKey key, long nowMs) {
        ClusterImage image = metadata.image();
        TopicImage topic = image.topic(key.topicId()).orElse(null);
        if (topic == null
                || key.partition() < 0
                || key.partition() >= topic.partitions().size()
                || !isHere(topic.partitions().get(key.partition()))) {
            return null;
        }
        TopicPartition name = new TopicPartition(topic.name(), key.partition());
        try {
            deleteOlderIncarnation(name, topic, image);
            PartitionLog log = shardLog.create(name, key.topicId(), config(topic), nowMs);
            HostedPartition hosted =
                    new HostedPartition(key, log, topic, nodeId, replicaLagMaxMs, thrownAway.remove(key));
            byKey.put(key, hosted);
            unopened.remove(key);
            takeRole(hosted, image, nowMs);
            return hosted;
        } catch (StorageException failed) {
            if (byKey.containsKey(key)) {
                LOG.error("topic={} partition={}: the log is offline", topic.name(), key.partition(), failed);
            } else if (unopened.add(key)) {
                LOG.error("topic={} partition={}: cannot open the log", topic.name(), key.partition(), failed);
            }
            return null;
        }
    }

    /** Whether retention has to look at a partition; neither opens nor loads one that nobody uses. */
    boolean mayHaveOldSegments(PartitionKey key, long nowMs) {
        TopicImage topic = metadata.image().topic(key.topicId()).orElse(null);
        PartitionLog log = topic == null
                ? null
                : shardLog.partition(new TopicPartition(topic.name(), key.partition()))
                        .orElse(null);
        if (topic == null || log == null) {
            return false;
        }
        log.updateConfig(config(topic));
        return log.mayHaveOldSegments(nowMs);
    }

    private void deleteOlderIncarnation(TopicPartition name, TopicImage topic, ClusterImage image) {
        Optional<PartitionLog> there = shardLog.partition(name);
        if (there.isPresent()
                && !there.get().topicId().equals(topic.id())
                && image.topic(there.get().topicId()).isEmpty()) {
            LOG.info(
                    "topic={} partition={}: deleting the log of an earlier topic of this name",
                    name.topic(),
                    name.partition());
            shardLog.delete(name);
        }
    }

    private boolean isHere(PartitionImage partition) {
        return partition.replicas().contains(nodeId);
    }

    /** Brings everything in line with the newest image. */
    void onImage(long nowMs) {
        ClusterImage image = metadata.image();
        if (image.version() == seen.version()) {
            return;
        }
        boolean nodeReconfigured = !image.brokerConfigs().equals(seen.brokerConfigs());
        boolean nodesChanged = !image.brokers().equals(seen.brokers());
        if (nodeReconfigured) {
            configs.clear();
        }
        for (HostedPartition hosted : new ArrayList<>(byKey.values())) {
            TopicImage topic = image.topic(hosted.key().topicId()).orElse(null);
            if (topic != null && hosted.isCorrupt() && isRegistered(image) && isGivenUp(hosted, topic)) {
                copyAnew(hosted, nowMs);
            } else if (topic == null
                    || !isHere(topic.partitions().get(hosted.key().partition()))) {
                close(hosted, topic == null ? Errors.UNKNOWN_TOPIC_ID : Errors.NOT_LEADER_OR_FOLLOWER, nowMs);
            } else if (nodeReconfigured || nodesChanged || !isSame(topic, hosted.topic())) {
                try {
                    update(hosted, topic, nodeReconfigured);
                    takeRole(hosted, image, nowMs);
                } catch (StorageException offline) {
                    LOG.error(
                            "topic={} partition={}: the log is offline",
                            topic.name(),
                            hosted.key().partition(),
                            offline);
                }
            }
        }
        openCopies(image, nodesChanged, nowMs);
        deleteGone(image);
        seen = image;
    }

    /** Something in a log is rotten: it goes when an image says that it may. */
    void foundCorrupt(PartitionKey key, long nowMs) {
        HostedPartition hosted = find(key, nowMs);
        if (hosted != null) {
            hosted.foundCorrupt();
        }
    }

    private void copyAnew(HostedPartition hosted, long nowMs) {
        LOG.warn(
                "topic={} partition={}: what is rotten goes, to be copied anew",
                hosted.key().topic(),
                hosted.key().partition());
        close(hosted, Errors.NOT_LEADER_OR_FOLLOWER, nowMs);
        shardLog.delete(hosted.log().topicPartition());
        thrownAway.add(hosted.key());
        find(hosted.key(), nowMs);
    }

    private boolean isGivenUp(HostedPartition hosted, TopicImage topic) {
        return FailureReports.isGivenUp(
                hosted.image(), topic.partitions().get(hosted.key().partition()), nodeId);
    }

    @SuppressWarnings("ReferenceEquality") // images share what did not change
    private static boolean isSame(TopicImage one, @Nullable TopicImage other) {
        return one == other;
    }

    private void update(HostedPartition hosted, TopicImage topic, boolean nodeReconfigured) {
        boolean topicReconfigured = !topic.configs().equals(hosted.topic().configs());
        hosted.topic(topic);
        if (topicReconfigured && !nodeReconfigured) {
            configs.remove(topic.id());
        }
        if (topicReconfigured || nodeReconfigured) {
            hosted.log().updateConfig(config(topic));
        }
    }

    /** Replicas that are to follow cannot wait until somebody asks for them. */
    private void openCopies(ClusterImage image, boolean nodesChanged, long nowMs) {
        if (!isRegistered(image)) {
            return;
        }
        boolean first = nodesChanged && !isRegistered(seen);
        for (TopicImage topic : image.topics().values()) {
            if (!first && isSame(topic, seen.topics().get(topic.name()))) {
                continue;
            }
            for (PartitionImage partition : topic.partitions()) {
                PartitionKey key = PartitionKey.of(topic, partition.index());
                if (partition.leader() != nodeId && isHere(partition) && isMine.test(key)) {
                    find(key, nowMs);
                }
            }
        }
    }

    /** Whether the image knows this start of the node. */
    private boolean isRegistered(ClusterImage image) {
        BrokerImage self = image.brokers().get(nodeId);
        return self != null && self.incarnationId().equals(incarnationId);
    }

    /** The broker epoch of this start of the node, or -1 while the image does not know it. */
    long brokerEpoch() {
        BrokerImage self = metadata.image().brokers().get(nodeId);
        return self != null && self.incarnationId().equals(incarnationId) ? self.epoch() : -1;
    }

    /** The partitions that copy what {@code leaderId} has. */
    List<HostedPartition> following(int leaderId) {
        return copies.computeIfAbsent(leaderId, none -> new ArrayList<>());
    }

    /**
     * Tells the machines who leads and who is in sync, as the image has it. An image that does not know this start of the node speaks of an
     * earlier one: to lead on in the epoch that it led then would let two histories share an epoch.
     */
    private void takeRole(HostedPartition hosted, ClusterImage image, long nowMs) {
        if (!isRegistered(image)) {
            return;
        }
        PartitionImage partition = hosted.image();
        boolean following = partition.leader() != nodeId && partition.leader() != PartitionImage.NO_LEADER;
        stopCopying(hosted);
        if (partition.leader() != nodeId) {
            boolean wasLeading = hosted.leader().isLeading();
            effects.step(hosted, new LeaderEvent.Resigned<>(Errors.NOT_LEADER_OR_FOLLOWER), nowMs);
            if (wasLeading) {
                effects.wakeReaders(hosted, nowMs);
            }
        }
        if (following) {
            copies.computeIfAbsent(partition.leader(), none -> new ArrayList<>())
                    .add(hosted);
            followers.step(hosted, new FollowerEvent.Followed(partition.leader(), partition.leaderEpoch()), nowMs);
        } else {
            followers.step(hosted, new FollowerEvent.Unfollowed(), nowMs);
        }
        if (partition.leader() == nodeId) {
            lead(hosted, partition, nowMs);
        }
    }

    private void stopCopying(HostedPartition hosted) {
        List<HostedPartition> copied = copies.get(hosted.follower().leaderId());
        if (copied != null) {
            copied.remove(hosted);
        }
    }

    private void lead(HostedPartition hosted, PartitionImage partition, long nowMs) {
        ReplicaSet replicas = replicas(hosted, partition);
        if (partition.leaderEpoch() > hosted.leader().leaderEpoch()
                || !hosted.leader().isLeading()) {
            hosted.log().startEpoch(partition.leaderEpoch());
            effects.step(
                    hosted,
                    new LeaderEvent.Elected<>(
                            replicas, hosted.log().logEndOffset(), hosted.log().durableEndOffset()),
                    nowMs);
        } else {
            effects.step(hosted, new LeaderEvent.ReplicasChanged<>(replicas), nowMs);
        }
    }

    /** What is to be here and is not, since its log could not be made: the disk is full, or failed. */
    Set<PartitionKey> unopened() {
        return unopened;
    }

    private void openWhatCouldNotBe(long nowMs) {
        unopened.removeIf(key -> metadata.image()
                .topic(key.topicId())
                .filter(topic -> isHere(topic.partitions().get(key.partition())))
                .isEmpty());
        thrownAway.retainAll(unopened);
        for (PartitionKey key : List.copyOf(unopened)) {
            HostedPartition opened = find(key, nowMs);
            if (opened != null) {
                LOG.info("topic={} partition={}: the log could be opened at last", key.topic(), key.partition());
            }
        }
    }

    /** Lets the machines of leaders that have followers look at the clock. */
    void tick(long nowMs) {
        openWhatCouldNotBe(nowMs);
        for (HostedPartition hosted : byKey.values()) {
            if (hosted.leader().isLeading() && hosted.image().replicas().size() > 1) {
                effects.step(hosted, new LeaderEvent.Ticked<>(hosted.log().logEndOffset()), nowMs);
            }
        }
    }

    private ReplicaSet replicas(HostedPartition hosted, PartitionImage partition) {
        Map<Integer, Long> brokerEpochs = new HashMap<>();
        Map<Integer, BrokerImage> brokers = metadata.image().brokers();
        for (int replica : partition.replicas()) {
            BrokerImage broker = brokers.get(replica);
            if (broker != null && broker.active()) {
                brokerEpochs.put(replica, broker.epoch());
            }
        }
        int minInSync = config(hosted.topic()).replication().minInSyncReplicas();
        return new ReplicaSet(
                partition.leaderEpoch(),
                partition.partitionEpoch(),
                partition.replicas(),
                partition.isr(),
                Math.min(minInSync, partition.replicas().size()),
                brokerEpochs);
    }

    private void close(HostedPartition hosted, Errors why, long nowMs) {
        byKey.remove(hosted.key());
        stopCopying(hosted);
        followers.step(hosted, new FollowerEvent.Unfollowed(), nowMs);
        effects.step(hosted, new LeaderEvent.Resigned<>(why), nowMs);
        effects.wakeReaders(hosted, nowMs);
        if (why == Errors.UNKNOWN_TOPIC_ID) {
            configs.remove(hosted.key().topicId());
        }
    }

    private void deleteGone(ClusterImage image) {
        List<PartitionLog> gone = new ArrayList<>();
        boolean registered = isRegistered(image);
        for (PartitionLog log : shardLog.partitions()) {
            boolean topicGone = seen.topicNames().containsKey(log.topicId())
                    && !image.topicNames().containsKey(log.topicId());
            if (topicGone || (registered && isElsewhere(log, image))) {
                gone.add(log);
            }
        }
        for (PartitionLog log : gone) {
            LOG.info("{}: deleting the log", log.topicPartition());
            shardLog.delete(log.topicPartition());
        }
    }

    /** Whether the partition is known to have its replicas on other nodes. */
    private boolean isElsewhere(PartitionLog log, ClusterImage image) {
        int index = log.topicPartition().partition();
        return image.topic(log.topicId())
                .filter(topic -> index < topic.partitions().size())
                .filter(topic -> !isHere(topic.partitions().get(index)))
                .isPresent();
    }

    /** The topic's own settings over the operator's defaults; parsed once for all partitions of a topic. */
    private LogConfig config(TopicImage topic) {
        return configs.computeIfAbsent(topic.id(), id -> {
            LogConfig config = TopicConfigs.logConfig(layers.apply(metadata.image()), topic.configs());
            if (config.segments().preallocated()) {
                LOG.warn(
                        "topic={}: preallocate does nothing, segments take their space as they are written",
                        topic.name());
            }
            return config;
        });
    }
}
