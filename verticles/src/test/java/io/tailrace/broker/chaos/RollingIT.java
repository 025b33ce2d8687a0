// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tailrace.broker.ClusterProcesses;
import io.tailrace.broker.tools.KafkaTools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What operators do to a cluster on an ordinary day, under a stock producer and consumer, who must not hear of it: every node is restarted in turn, one
 * is added, another's partitions move to it with Apache Kafka's own tool and a throttle, and that one is taken out.
 *
 * <p>Small in the build; {@code bin/chaos rolling --nodes 5 --partitions 2000} for more.
 */
class RollingIT {

    private static final int NODES = Integer.getInteger("tailrace.chaos.nodes", 3);
    private static final int PARTITIONS = Integer.getInteger("tailrace.chaos.partitions", 60);
    private static final int PER_SECOND = Integer.getInteger("tailrace.chaos.rate", 500);
    private static final int PARTITIONS_OF_A_TOPIC = 100;
    private static final int LEAVING = 1;
    private static final String THROTTLE_BYTES_PER_SECOND = "20000000";
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    @TempDir
    Path dir;

    private ClusterProcesses cluster;
    private Admin admin;
    private List<TopicPartition> partitions;

    @Test
    void clientsDoNotHearOfRestartsOfANewNodeAndOfOneThatGoes() throws Exception {
        try (ClusterProcesses nodes = new ClusterProcesses(dir, NODES + 1);
                Admin client = nodes.admin()) {
            cluster = nodes;
            admin = client;
            for (int node = 1; node <= NODES; node++) {
                start(node);
            }
            eventually(() -> assertThat(get(admin.describeCluster().nodes())).hasSize(NODES));
            create();
            try (RollingLoad load = new RollingLoad(cluster.bootstrap(), partitions, PER_SECOND)) {
                awaitProgress(load);
                long unused = load.longestGapMs();
                for (int node = 1; node <= NODES; node++) {
                    restart(node, load);
                }
                timed(
                        "all led by their preferred replicas again",
                        load,
                        () -> eventually(() -> assertThat(described()).allSatisfy(it -> assertThat(it.leader())
                                .isEqualTo(it.replicas().getFirst()))));
                grow(load);
                shrink(load);
                load.stopProducing();
                eventually(() -> assertThat(load.unread()).isEmpty());
                assertThat(load.errors()).isEmpty();
                System.out.println(
                        "rolling: " + load.acknowledgements() + " records acknowledged and read, none missed");
            }
        }
    }

    private void start(int node) throws Exception {
        cluster.start(node, "leader.imbalance.check.interval.seconds", "5");
    }

    private void create() throws Exception {
        double before = cpuSeconds();
        long startedNanos = System.nanoTime();
        List<NewTopic> topics = new ArrayList<>();
        for (int left = PARTITIONS; left > 0; left -= PARTITIONS_OF_A_TOPIC) {
            topics.add(new NewTopic("rolling-" + topics.size(), Math.min(left, PARTITIONS_OF_A_TOPIC), (short) 3));
        }
        for (NewTopic topic : topics) {
            get(admin.createTopics(List.of(topic)).all());
        }
        partitions = topics.stream()
                .flatMap(topic -> IntStream.range(0, topic.numPartitions())
                        .mapToObj(index -> new TopicPartition(topic.name(), index)))
                .toList();
        awaitWhole();
        say(
                "%d partitions with 3 replicas created: %.1f s, %.1f CPU s of all nodes",
                PARTITIONS, seconds(startedNanos), cpuSeconds() - before);
    }

    private void restart(int node, RollingLoad load) throws Exception {
        timed("node " + node + " restarted", load, () -> {
            cluster.stop(node);
            start(node);
            awaitWhole();
        });
        awaitProgress(load);
    }

    /** A node more, which takes the place of one that is to go in all its partitions. */
    private void grow(RollingLoad load) throws Exception {
        int coming = NODES + 1;
        start(coming);
        eventually(() -> assertThat(get(admin.describeCluster().nodes())).hasSize(NODES + 1));
        Path plan = Files.writeString(dir.resolve("plan.json"), plan(coming));
        try (KafkaTools tools =
                KafkaTools.start(Path.of("target", "kafka-tools").toAbsolutePath())) {
            timed("node " + coming + " has what node " + LEAVING + " had", load, () -> {
                String moved = run(tools, plan, "--execute", "--throttle", THROTTLE_BYTES_PER_SECOND);
                assertThat(moved).contains("Successfully started partition reassignment");
                eventually(
                        () -> assertThat(get(admin.listPartitionReassignments().reassignments()))
                                .isEmpty());
                assertThat(run(tools, plan, "--verify")).doesNotContain("still in progress");
            });
        }
        assertThat(get(admin.describeTopics(allTopics()).allTopicNames()).values())
                .allSatisfy(topic -> assertThat(topic.partitions())
                        .allSatisfy(it -> assertThat(ids(it.replicas())).doesNotContain(LEAVING)));
    }

    private void shrink(RollingLoad load) throws Exception {
        timed("node " + LEAVING + " taken out", load, () -> {
            cluster.stop(LEAVING);
            get(admin.unregisterBroker(LEAVING).all());
            eventually(() -> assertThat(get(admin.describeCluster().nodes()))
                    .extracting(Node::id)
                    .hasSize(NODES)
                    .doesNotContain(LEAVING));
            awaitWhole();
        });
        awaitProgress(load);
    }

    /** All that the leaving node has, on {@code coming} instead. */
    private String plan(int coming) throws Exception {
        return get(admin.describeTopics(allTopics()).allTopicNames()).values().stream()
                .flatMap(topic -> topic.partitions().stream()
                        .filter(it -> ids(it.replicas()).contains(LEAVING))
                        .map(it -> "{\"topic\":\"" + topic.name() + "\",\"partition\":" + it.partition()
                                + ",\"replicas\":"
                                + ids(it.replicas()).stream()
                                        .map(node -> node == LEAVING ? coming : node)
                                        .toList() + "}"))
                .collect(Collectors.joining(",", "{\"version\":1,\"partitions\":[", "]}"));
    }

    private List<String> allTopics() throws Exception {
        return List.copyOf(
                get(admin.listTopics(new org.apache.kafka.clients.admin.ListTopicsOptions().listInternal(true))
                        .names()));
    }

    private String run(KafkaTools tools, Path plan, String... args) {
        List<String> all = new ArrayList<>(
                List.of("--bootstrap-server", cluster.bootstrap(), "--reassignment-json-file", plan.toString()));
        all.addAll(List.of(args));
        KafkaTools.Result result = tools.run("kafka-reassign-partitions", all.toArray(String[]::new));
        assertThat(result.code()).as(result.printed()).isZero();
        return result.printed();
    }

    private void awaitWhole() {
        eventually(() -> assertThat(described()).hasSize(PARTITIONS).allSatisfy(it -> assertThat(it.isr())
                .hasSameSizeAs(it.replicas())));
    }

    private void awaitProgress(RollingLoad load) {
        long before = load.acknowledgements();
        eventually(() -> assertThat(load.acknowledgements()).isGreaterThan(before + PER_SECOND));
        assertThat(load.errors()).isEmpty();
    }

    private List<TopicPartitionInfo> described() throws Exception {
        List<String> names =
                partitions.stream().map(TopicPartition::topic).distinct().toList();
        return get(admin.describeTopics(names).allTopicNames()).values().stream()
                .map(TopicDescription::partitions)
                .flatMap(List::stream)
                .toList();
    }

    private void timed(String what, RollingLoad load, ThrowingRunnable work) throws Exception {
        long unused = load.longestGapMs();
        long startedNanos = System.nanoTime();
        try {
            work.run();
        } catch (Exception | Error failure) {
            throw failure;
        } catch (Throwable other) {
            throw new AssertionError(other);
        }
        say(
                "%s: %.1f s, longest time without an acknowledgement %d ms",
                what, seconds(startedNanos), load.longestGapMs());
    }

    private static void say(String format, Object... args) {
        System.out.println("rolling: " + String.format(Locale.ROOT, format, args));
    }

    private static double seconds(long sinceNanos) {
        return (System.nanoTime() - sinceNanos) / 1e9;
    }

    private double cpuSeconds() {
        return IntStream.rangeClosed(1, NODES)
                .mapToObj(cluster::cpu)
                .mapToDouble(it -> it.toNanos() / 1e9)
                .sum();
    }

    private static List<Integer> ids(List<Node> nodes) {
        return nodes.stream().map(Node::id).toList();
    }

    private static <T> T get(KafkaFuture<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }

    private void eventually(ThrowingRunnable holds) {
        try {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(500))
                    .ignoreExceptions()
                    .untilAsserted(holds);
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(cluster.outputs(), e);
        }
    }
}
