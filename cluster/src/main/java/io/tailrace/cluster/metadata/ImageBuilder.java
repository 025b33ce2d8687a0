// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import io.tailrace.cluster.metadata.MetadataRecord.BrokerFencingChanged;
import io.tailrace.cluster.metadata.MetadataRecord.BrokerLeaving;
import io.tailrace.cluster.metadata.MetadataRecord.BrokerRegistered;
import io.tailrace.cluster.metadata.MetadataRecord.BrokerUnregistered;
import io.tailrace.cluster.metadata.MetadataRecord.ClusterFormed;
import io.tailrace.cluster.metadata.MetadataRecord.ConfigChanged;
import io.tailrace.cluster.metadata.MetadataRecord.FeatureChanged;
import io.tailrace.cluster.metadata.MetadataRecord.PartitionChanged;
import io.tailrace.cluster.metadata.MetadataRecord.PartitionsAdded;
import io.tailrace.cluster.metadata.MetadataRecord.ProducerIdsAllocated;
import io.tailrace.cluster.metadata.MetadataRecord.TopicCreated;
import io.tailrace.cluster.metadata.MetadataRecord.TopicDeleted;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;

/**
 * The next image: the last one, with records applied. Applying decides nothing and is the same on every node, live and in replay.
 *
 * <p><b>Cost.</b> The maps are {@link PersistentMap}s, so that a batch costs what it changes and not what there is. The partitions of a topic
 * are one array: the first change of a batch to a topic copies it, the others of that batch write to the copy.
 *
 * <p>A record that does not fit the image (a topic that is not there, a partition out of order) means that the log is not what this program
 * wrote, and is a {@link MetadataFormatException}. Used once, by one thread.
 */
public final class ImageBuilder {

    private final ClusterImage base;
    private final Map<Uuid, List<PartitionImage>> drafts = new LinkedHashMap<>();
    private String clusterId;
    private long version;
    private PersistentMap<String, TopicImage> topics;
    private PersistentMap<Uuid, String> topicNames;
    private PersistentMap<Integer, BrokerImage> brokers;
    private PersistentMap<String, Map<String, String>> brokerConfigs;
    private PersistentMap<String, Map<String, String>> groupConfigs;
    private PersistentMap<String, Map<String, String>> clientMetricsConfigs;
    private PersistentMap<String, Short> features;
    private long nextProducerId;

    private ImageBuilder(ClusterImage base) {
        this.base = base;
        clusterId = base.clusterId();
        version = base.version();
        topics = PersistentMap.of(base.topics());
        topicNames = PersistentMap.of(base.topicNames());
        brokers = PersistentMap.of(base.brokers());
        brokerConfigs = PersistentMap.of(base.brokerConfigs());
        groupConfigs = PersistentMap.of(base.groupConfigs());
        clientMetricsConfigs = PersistentMap.of(base.clientMetricsConfigs());
        features = PersistentMap.of(base.features());
        nextProducerId = base.nextProducerId();
    }

    public static ImageBuilder from(ClusterImage base) {
        return new ImageBuilder(base);
    }

    /** {@code base} with all of {@code records} applied. */
    public static ClusterImage apply(ClusterImage base, List<? extends MetadataRecord> records) {
        ImageBuilder builder = new ImageBuilder(base);
        records.forEach(builder::apply);
        return builder.build();
    }

    public ImageBuilder apply(MetadataRecord record) {
        version++;
        switch (record) {
            case ClusterFormed it -> clusterId = it.clusterId();
            case BrokerRegistered it ->
                brokers = brokers.with(
                        it.nodeId(),
                        new BrokerImage(
                                it.nodeId(),
                                it.brokerEpoch(),
                                it.incarnationId(),
                                it.endpoints(),
                                it.rack(),
                                it.fenced(),
                                false));
            case BrokerUnregistered it -> brokers = brokers.without(it.nodeId());
            case BrokerFencingChanged it ->
                brokers = brokers.with(it.nodeId(), broker(it.nodeId()).withFenced(it.fenced()));
            case BrokerLeaving it ->
                brokers = brokers.with(it.nodeId(), broker(it.nodeId()).withLeaving());
            case TopicCreated it -> create(it);
            case TopicDeleted it -> delete(it);
            case PartitionsAdded it -> add(it);
            case PartitionChanged it -> change(it);
            case ConfigChanged it -> configure(it);
            case FeatureChanged it ->
                features = it.level() == 0 ? features.without(it.feature()) : features.with(it.feature(), it.level());
            case ProducerIdsAllocated it -> nextProducerId = it.nextProducerId();
        }
        return this;
    }

    /** The image; the builder must not be used any more. */
    public ClusterImage build() {
        drafts.forEach((id, partitions) -> {
            TopicImage topic = topic(id);
            topics = topics.with(topic.name(), new TopicImage(topic.name(), id, partitions, topic.configs()));
        });
        return new ClusterImage(
                clusterId,
                version,
                base.controllerId(),
                topics,
                topicNames,
                brokers,
                brokerConfigs,
                groupConfigs,
                clientMetricsConfigs,
                features,
                nextProducerId);
    }

    /** The image, as if so many records had been applied: for a snapshot, which has fewer records than made it. */
    ClusterImage buildAt(long asOfVersion) {
        version = asOfVersion;
        return build();
    }

    private BrokerImage broker(int nodeId) {
        BrokerImage broker = brokers.get(nodeId);
        if (broker == null) {
            throw new MetadataFormatException("a record about node " + nodeId + ", which is not registered");
        }
        return broker;
    }

    private void create(TopicCreated it) {
        if (topics.containsKey(it.name()) || topicNames.containsKey(it.id())) {
            throw new MetadataFormatException("topic " + it.name() + " (" + it.id() + ") is created twice");
        }
        topics = topics.with(it.name(), new TopicImage(it.name(), it.id(), it.partitions(), it.configs()));
        topicNames = topicNames.with(it.id(), it.name());
    }

    private void delete(TopicDeleted it) {
        topics = topics.without(topic(it.id()).name());
        topicNames = topicNames.without(it.id());
        drafts.remove(it.id());
    }

    private void add(PartitionsAdded it) {
        List<PartitionImage> partitions = draft(it.topicId());
        for (PartitionImage partition : it.partitions()) {
            if (partition.index() != partitions.size()) {
                throw new MetadataFormatException("partition " + partition.index() + " of topic "
                        + topic(it.topicId()).name() + " follows " + partitions.size() + " others");
            }
            partitions.add(partition);
        }
    }

    private void change(PartitionChanged it) {
        List<PartitionImage> partitions = draft(it.topicId());
        if (it.partition().index() >= partitions.size()) {
            throw new MetadataFormatException("topic " + topic(it.topicId()).name() + " has no partition "
                    + it.partition().index());
        }
        partitions.set(it.partition().index(), it.partition());
    }

    private List<PartitionImage> draft(Uuid topicId) {
        return drafts.computeIfAbsent(topicId, id -> new ArrayList<>(topic(id).partitions()));
    }

    private TopicImage topic(Uuid id) {
        String name = topicNames.get(id);
        TopicImage topic = name == null ? null : topics.get(name);
        if (topic == null) {
            throw new MetadataFormatException("there is no topic with id " + id);
        }
        return topic;
    }

    private void configure(ConfigChanged it) {
        String name = it.target().name();
        switch (it.target().kind()) {
            case TOPIC -> {
                TopicImage topic = topics.get(name);
                if (topic == null) {
                    throw new MetadataFormatException("there is no topic " + name + " to configure");
                }
                topics = topics.with(
                        name, new TopicImage(name, topic.id(), topic.partitions(), merged(topic.configs(), it)));
            }
            case BROKER -> brokerConfigs = merged(brokerConfigs, it);
            case GROUP -> groupConfigs = merged(groupConfigs, it);
            case CLIENT_METRICS -> clientMetricsConfigs = merged(clientMetricsConfigs, it);
        }
    }

    private static PersistentMap<String, Map<String, String>> merged(
            PersistentMap<String, Map<String, String>> all, ConfigChanged it) {
        String name = it.target().name();
        Map<String, String> now = merged(all.getOrDefault(name, Map.of()), it);
        return now.isEmpty() ? all.without(name) : all.with(name, now);
    }

    private static Map<String, String> merged(Map<String, String> before, ConfigChanged it) {
        Map<String, String> after = new TreeMap<>(before);
        after.putAll(it.set());
        it.removed().forEach(after::remove);
        return Map.copyOf(after);
    }
}
