// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.FeatureUpdate.UpgradeType;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.BrokerIdNotRegisteredException;
import org.apache.kafka.common.errors.ElectionNotNeededException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An admin client that begins at any one of three nodes gets everything done, and hears the same as from the others. */
class EveryNodeIT {

    private static final int NODES = 3;
    private static final int RECORDS = 20;

    @TempDir
    static Path dir;

    private static ClusterProcesses cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = new ClusterProcesses(dir, NODES);
        for (int node = 1; node <= NODES; node++) {
            cluster.start(node);
        }
        for (int node = 1; node <= NODES; node++) {
            try (Admin admin = cluster.admin(node)) {
                cluster.eventually(
                        () -> assertThat(get(admin.describeCluster().nodes())).hasSize(NODES));
            }
        }
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void everythingCanBeDoneAtEachNode() throws Exception {
        for (int node = 1; node <= NODES; node++) {
            try (Admin admin = cluster.admin(node)) {
                workWithTopics(admin, "at-" + node);
                workWithRecords(admin, "records-" + node);
                workWithGroups(admin, "group-" + node, "records-" + node);
                workWithTheCluster(admin);
            }
        }
        cluster.eventually(() -> {
            Map<String, Object> first = told(1);
            for (int node = 2; node <= NODES; node++) {
                assertThat(told(node)).isEqualTo(first);
            }
        });
    }

    private static void workWithTopics(Admin admin, String topic) throws Exception {
        get(admin.createTopics(List.of(new NewTopic(topic, Map.of(0, List.of(1, 2), 1, List.of(2, 3)))))
                .all());
        assertThatThrownBy(() -> get(admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1)))
                        .all()))
                .hasCauseInstanceOf(TopicExistsException.class);
        get(admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(3, List.of(List.of(3, 1)))))
                .all());
        // The client may ask a node that has not heard of it yet.
        cluster.eventually(
                () -> assertThat(ClusterProcesses.describe(admin, topic).partitions())
                        .extracting(it -> it.leader().id())
                        .containsExactly(1, 2, 3));
        ConfigResource config = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        alter(admin, config, "retention.ms", "86400000");
        cluster.eventually(
                () -> assertThat(value(admin, config, "retention.ms")).isEqualTo("86400000"));

        TopicPartition second = new TopicPartition(topic, 1);
        assertThatThrownBy(() -> get(admin.electLeaders(ElectionType.PREFERRED, Set.of(second))
                        .all()))
                .hasCauseInstanceOf(ElectionNotNeededException.class);
        String gone = topic + "-gone";
        get(admin.createTopics(List.of(new NewTopic(gone, 1, (short) 1))).all());
        get(admin.deleteTopics(List.of(gone)).all());
        cluster.eventually(() ->
                assertThat(get(admin.listTopics().names())).contains(topic).doesNotContain(gone));
    }

    private static void workWithRecords(Admin admin, String topic) throws Exception {
        TopicPartition partition = new TopicPartition(topic, 0);
        get(admin.createTopics(List.of(new NewTopic(topic, 1, (short) 3))).all());
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", cluster.bootstrap()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (int i = 0; i < RECORDS; i++) {
                producer.send(new ProducerRecord<>(topic, new byte[100])).get(60, TimeUnit.SECONDS);
            }
        }
        get(admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(5)))
                .all());
        assertThat(offset(admin, partition, OffsetSpec.earliest())).isEqualTo(5);
        assertThat(offset(admin, partition, OffsetSpec.latest())).isEqualTo(RECORDS);
        assertThat(get(admin.describeProducers(List.of(partition)).all())
                        .get(partition)
                        .activeProducers())
                .hasSize(1);
        assertThat(get(admin.describeLogDirs(List.of(1, 2, 3)).allDescriptions()))
                .allSatisfy((node, dirs) -> assertThat(dirs.values())
                        .singleElement()
                        .satisfies(it -> assertThat(it.replicaInfos()).containsKey(partition)));
        cluster.eventually(() ->
                assertThat(ClusterProcesses.describe(admin, topic).partitions()).hasSize(1));
        List<Integer> turned =
                new ArrayList<>(ClusterProcesses.describe(admin, topic).partitions().getFirst().replicas().stream()
                        .map(Node::id)
                        .toList());
        Collections.reverse(turned);
        get(admin.alterPartitionReassignments(Map.of(partition, Optional.of(new NewPartitionReassignment(turned))))
                .all());
        cluster.eventually(
                () -> assertThat(get(admin.listPartitionReassignments().reassignments()))
                        .isEmpty());
        get(admin.electLeaders(ElectionType.PREFERRED, Set.of(partition)).all());
        cluster.eventually(() -> assertThat(ClusterProcesses.describe(admin, topic)
                        .partitions()
                        .getFirst()
                        .leader()
                        .id())
                .isEqualTo(turned.getFirst()));
    }

    private static void workWithGroups(Admin admin, String group, String topic) throws Exception {
        TopicPartition partition = new TopicPartition(topic, 0);
        cluster.eventually(() -> get(admin.alterConsumerGroupOffsets(group, Map.of(partition, new OffsetAndMetadata(7)))
                .all()));
        assertThat(get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())
                        .get(partition)
                        .offset())
                .isEqualTo(7);
        assertThat(get(admin.describeConsumerGroups(List.of(group)).all())).containsKey(group);
        assertThat(get(admin.listGroups().all())).anyMatch(it -> it.groupId().equals(group));
        alter(admin, new ConfigResource(ConfigResource.Type.GROUP, group), "consumer.session.timeout.ms", "46000");
        String second = group + "-gone";
        get(admin.alterConsumerGroupOffsets(second, Map.of(partition, new OffsetAndMetadata(1)))
                .all());
        get(admin.deleteConsumerGroups(List.of(second)).all());
        assertThat(get(admin.listGroups().all())).noneMatch(it -> it.groupId().equals(second));
    }

    private static void workWithTheCluster(Admin admin) throws Exception {
        for (int node = 1; node <= NODES; node++) {
            ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, Integer.toString(node));
            String id = Integer.toString(node);
            assertThat(value(admin, broker, "node.id")).isEqualTo(id);
            alter(admin, broker, "leader.replication.throttled.rate", "100000" + id);
            cluster.eventually(() -> assertThat(value(admin, broker, "leader.replication.throttled.rate"))
                    .isEqualTo("100000" + id));
        }
        assertThatThrownBy(() -> get(admin.unregisterBroker(99).all()))
                .hasCauseInstanceOf(BrokerIdNotRegisteredException.class);
        short metadata = get(admin.describeFeatures().featureMetadata())
                .finalizedFeatures()
                .get("metadata.version")
                .maxVersionLevel();
        get(admin.updateFeatures(
                        Map.of("metadata.version", new FeatureUpdate(metadata, UpgradeType.UPGRADE)),
                        new UpdateFeaturesOptions().validateOnly(true))
                .all());
    }

    /** All that can be read, from a client that begins at one node. */
    private static Map<String, Object> told(int node) throws Exception {
        Map<String, Object> told = new LinkedHashMap<>();
        try (Admin admin = cluster.admin(node)) {
            told.put("cluster", get(admin.describeCluster().clusterId()));
            told.put("controller", get(admin.describeCluster().controller()).id());
            told.put(
                    "nodes",
                    ids(get(admin.describeCluster().nodes())).stream().sorted().toList());
            told.put("features", get(admin.describeFeatures().featureMetadata()).toString());
            var quorum = get(admin.describeMetadataQuorum().quorumInfo());
            told.put(
                    "quorum",
                    List.of(
                            quorum.leaderId(),
                            quorum.leaderEpoch(),
                            quorum.voters().size()));
            var topics = get(admin.listTopics().listings()).stream()
                    .map(it -> it.name())
                    .sorted()
                    .toList();
            told.put("topics", topics);
            Map<String, String> partitions = new TreeMap<>();
            get(admin.describeTopics(topics).allTopicNames())
                    .forEach((name, it) -> partitions.put(
                            name,
                            it.topicId() + " "
                                    + it.partitions().stream()
                                            .map(p -> p.partition() + ":"
                                                    + p.leader().id() + ids(p.replicas()) + ids(p.isr()))
                                            .collect(Collectors.joining(" "))));
            told.put("partitions", partitions);
            told.put("offsets", offsets(admin));
            told.put(
                    "groups",
                    get(admin.listGroups().all()).stream()
                            .map(it -> it.groupId())
                            .sorted()
                            .toList());
            told.put(
                    "resources",
                    get(admin.listConfigResources().all()).toString().length());
            Map<String, String> configs = new TreeMap<>();
            for (int other = 1; other <= NODES; other++) {
                ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, Integer.toString(other));
                configs.put(
                        "node " + other,
                        get(admin.describeConfigs(List.of(broker)).all()).get(broker).entries().stream()
                                .map(it -> it.name() + "=" + it.value() + " " + it.source())
                                .sorted()
                                .collect(Collectors.joining("\n")));
            }
            told.put("configs", configs);
        }
        return told;
    }

    private static Map<String, Long> offsets(Admin admin) throws Exception {
        Map<String, Long> offsets = new TreeMap<>();
        for (int node = 1; node <= NODES; node++) {
            TopicPartition partition = new TopicPartition("records-" + node, 0);
            offsets.put(partition + " from", offset(admin, partition, OffsetSpec.earliest()));
            offsets.put(partition + " to", offset(admin, partition, OffsetSpec.latest()));
            offsets.put(
                    "group " + node,
                    get(admin.listConsumerGroupOffsets("group-" + node).partitionsToOffsetAndMetadata())
                            .get(partition)
                            .offset());
        }
        return offsets;
    }

    private static List<Integer> ids(Collection<Node> nodes) {
        return nodes.stream().map(Node::id).toList();
    }

    private static long offset(Admin admin, TopicPartition partition, OffsetSpec spec) throws Exception {
        return get(admin.listOffsets(Map.of(partition, spec)).partitionResult(partition))
                .offset();
    }

    private static void alter(Admin admin, ConfigResource resource, String key, String value) throws Exception {
        get(admin.incrementalAlterConfigs(Map.of(
                        resource, List.of(new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET))))
                .all());
    }

    private static String value(Admin admin, ConfigResource resource, String key) throws Exception {
        return get(admin.describeConfigs(List.of(resource)).all())
                .get(resource)
                .get(key)
                .value();
    }

    private static <T> T get(KafkaFuture<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }
}
