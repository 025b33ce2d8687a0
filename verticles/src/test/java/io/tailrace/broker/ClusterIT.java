// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes as three processes, and a stock admin client. */
class ClusterIT {

    @TempDir
    Path dir;

    private ClusterProcesses cluster;

    @BeforeEach
    void place() throws Exception {
        cluster = new ClusterProcesses(dir, 3);
    }

    @AfterEach
    void kill() {
        cluster.close();
    }

    private static <T> T get(org.apache.kafka.common.KafkaFuture<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }

    private static TreeSet<Integer> nodes(Admin admin) throws Exception {
        return get(admin.describeCluster().nodes()).stream()
                .map(Node::id)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static int controller(Admin admin) throws Exception {
        return get(admin.describeCluster().controller()).id();
    }

    private void allThere(int... nodes) {
        for (int node : nodes) {
            try (Admin admin = cluster.admin(node)) {
                cluster.eventually(() -> assertThat(nodes(admin)).hasSize(nodes.length));
            }
        }
    }

    private static void create(Admin admin, String topic, int partitions, int replicas) throws Exception {
        get(admin.createTopics(List.of(new NewTopic(topic, partitions, (short) replicas)))
                .all());
    }

    @Test
    void threeNodesAreOneClusterAndOutliveTheirController() throws Exception {
        for (int node = 1; node <= 3; node++) {
            cluster.start(node);
        }
        allThere(1, 2, 3);

        int controller;
        try (Admin admin = cluster.admin(1)) {
            create(admin, "t", 3, 3);
            controller = controller(admin);
            QuorumInfo quorum = get(admin.describeMetadataQuorum().quorumInfo());
            assertThat(quorum.voters())
                    .extracting(QuorumInfo.ReplicaState::replicaId)
                    .containsExactly(1, 2, 3);
            assertThat(quorum.leaderId()).isEqualTo(controller);
            assertThat(quorum.leaderEpoch()).isPositive();
        }
        // Every node tells the same, whichever it was created at.
        for (int node = 1; node <= 3; node++) {
            try (Admin admin = cluster.admin(node)) {
                cluster.eventually(
                        () -> assertThat(ClusterProcesses.describe(admin, "t").partitions())
                                .hasSize(3)
                                .allSatisfy(it -> assertThat(it.isr()).hasSize(3))
                                .extracting(it -> it.leader().id())
                                .containsExactlyInAnyOrder(1, 2, 3));
                assertThat(controller(admin)).isEqualTo(controller);
                assertThat(get(admin.describeMetadataQuorum().quorumInfo()).leaderId())
                        .isEqualTo(controller);
            }
        }

        cluster.kill(controller);
        String after;
        int[] others = new TreeSet<>(List.of(1, 2, 3))
                .stream()
                        .filter(it -> it != controller)
                        .mapToInt(Integer::intValue)
                        .toArray();
        try (Admin admin = cluster.admin(others)) {
            List<String> created = new ArrayList<>(); // a request that was given up on may have been carried out
            cluster.eventually(() -> {
                String name = "after-" + System.nanoTime();
                create(admin, name, 2, 2);
                created.add(name);
            });
            after = created.get(0);
            cluster.eventually(
                    () -> assertThat(ClusterProcesses.describe(admin, "t").partitions())
                            .allSatisfy(it -> {
                                assertThat(it.leader().id()).isNotEqualTo(controller);
                                assertThat(it.isr()).extracting(Node::id).doesNotContain(controller);
                            }));
            assertThat(controller(admin)).isNotEqualTo(controller);
        }

        cluster.start(controller);
        allThere(1, 2, 3);
        try (Admin admin = cluster.admin(controller)) {
            assertThat(ClusterProcesses.describe(admin, after).partitions()).hasSize(2);
        }
    }

    @Test
    void oneNodeBecomesThreeWithoutLosingWhatItHas() throws Exception {
        // Alone, without a cluster setting.
        cluster.start(1, "cluster.listener", "", "cluster.secret", "", "controller.quorum.bootstrap.servers", "");
        String clusterId;
        try (Admin admin = cluster.admin(1)) {
            cluster.eventually(() -> assertThat(nodes(admin)).containsExactly(1));
            create(admin, "before", 2, 1);
            clusterId = get(admin.describeCluster().clusterId());
        }
        cluster.stop(1);

        cluster.start(1);
        allThere(1);
        cluster.start(2);
        cluster.start(3);
        allThere(1, 2, 3);
        try (Admin admin = cluster.admin(3)) {
            assertThat(get(admin.describeCluster().clusterId())).isEqualTo(clusterId);
            assertThat(ClusterProcesses.describe(admin, "before").partitions()).hasSize(2);
            cluster.eventually(() -> assertThat(
                            get(admin.describeMetadataQuorum().quorumInfo()).voters())
                    .extracting(QuorumInfo.ReplicaState::replicaId)
                    .containsExactly(1, 2, 3));
            create(admin, "wide", 3, 3);
            assertThat(ClusterProcesses.describe(admin, "wide").partitions()).hasSize(3);
        }
    }

    /** A fourth node comes, a partition moves to it, and a voter that is gone for good is taken out: the fourth votes in its place. */
    @Test
    void aPartitionMovesAndANodeIsDecommissioned() throws Exception {
        cluster.close();
        cluster = new ClusterProcesses(dir, 4);
        for (int node = 1; node <= 3; node++) {
            cluster.start(node);
        }
        allThere(1, 2, 3);
        cluster.start(4);
        allThere(1, 2, 3, 4);
        TopicPartition moving = new TopicPartition("moving", 0);
        try (Admin admin = cluster.admin(1, 3, 4);
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                        Map.of("bootstrap.servers", cluster.address(1), "acks", "all"),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            get(admin.createTopics(List.of(new NewTopic("moving", Map.of(0, List.of(1, 2)))))
                    .all());
            for (int i = 0; i < 50; i++) {
                producer.send(new ProducerRecord<>("moving", new byte[1_000])).get(60, TimeUnit.SECONDS);
            }
            get(admin.alterPartitionReassignments(
                            Map.of(moving, Optional.of(new NewPartitionReassignment(List.of(4, 3)))))
                    .all());
            cluster.eventually(() -> {
                assertThat(get(admin.listPartitionReassignments().reassignments()))
                        .isEmpty();
                assertThat(ClusterProcesses.describe(admin, "moving")
                                .partitions()
                                .get(0)
                                .replicas())
                        .extracting(Node::id)
                        .containsExactly(4, 3);
            });
            cluster.eventually(
                    () -> assertThat(cluster.data(1).resolve("moving-0")).doesNotExist());
            cluster.eventually(
                    () -> assertThat(cluster.data(2).resolve("moving-0")).doesNotExist());
            producer.send(new ProducerRecord<>("moving", new byte[1_000])).get(60, TimeUnit.SECONDS);
            assertThat(get(admin.listOffsets(Map.of(moving, OffsetSpec.latest()))
                                    .partitionResult(moving))
                            .offset())
                    .isEqualTo(51);

            cluster.kill(2);
            get(admin.unregisterBroker(2).all());
            cluster.eventually(() -> assertThat(nodes(admin)).containsExactly(1, 3, 4));
            cluster.eventually(() -> assertThat(
                            get(admin.describeMetadataQuorum().quorumInfo()).voters())
                    .extracting(QuorumInfo.ReplicaState::replicaId)
                    .containsExactly(1, 3, 4));
            // The one that took its place counts: without it there would be no majority now.
            cluster.kill(1);
            cluster.eventually(() -> create(admin, "after-" + System.nanoTime(), 1, 2)); // one that was begun exists
        }
    }

    /** Leaders move before the node is gone, so that nothing is without one for longer than clients need to hear of it. */
    @Test
    void aNodeThatIsStoppedHandsOverAndIsTrustedWhenItIsBack() throws Exception {
        for (int node = 1; node <= 3; node++) {
            cluster.start(node);
        }
        allThere(1, 2, 3);
        try (Admin admin = cluster.admin()) {
            get(admin.createTopics(List.of(
                            new NewTopic("t", Map.of(0, List.of(2, 3, 1))).configs(Map.of("min.insync.replicas", "3"))))
                    .all());
        }
        cluster.stop(2);
        try (Admin admin = cluster.admin(1, 3)) {
            cluster.eventually(() -> {
                var partition =
                        ClusterProcesses.describe(admin, "t").partitions().get(0);
                assertThat(partition.leader().id()).isEqualTo(3);
                assertThat(partition.isr()).extracting(Node::id).containsExactly(3, 1);
                assertThat(Optional.ofNullable(partition.elr()).orElse(List.of()))
                        .extracting(Node::id)
                        .containsExactly(2);
            });
        }
        cluster.start(2);
        allThere(1, 2, 3);
    }
}
