// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.ClusterProcesses;
import io.tailrace.broker.tools.KafkaTools.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Apache Kafka's tools for clusters against four nodes as four processes, in two racks; the fourth has no vote at first. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterToolsIT {

    private static final int NODES = 4;

    @TempDir
    static Path dir;

    private static ClusterProcesses cluster;
    private static KafkaTools tools;
    private static Admin admin;

    @BeforeAll
    static void start() throws Exception {
        cluster = new ClusterProcesses(dir, NODES);
        admin = cluster.admin();
        for (int node = 1; node < NODES; node++) {
            startNode(node);
        }
        awaitNodes(NODES - 1);
        startNode(NODES);
        awaitNodes(NODES);
        tools = KafkaTools.start(Path.of("target", "kafka-tools"));
    }

    @AfterAll
    static void stop() throws Exception {
        admin.close(Duration.ZERO);
        cluster.close();
        tools.close();
    }

    private static void startNode(int node) throws Exception {
        cluster.start(node, "broker.rack", node % 2 == 0 ? "even" : "odd");
    }

    private static void awaitNodes(int count) {
        cluster.eventually(
                () -> assertThat(get(admin.describeCluster().nodes())).hasSize(count));
    }

    @Test
    @Order(1)
    void replicasArePlacedInDifferentRacks() throws Exception {
        create(new NewTopic("racks", 12, (short) 2));
        assertThat(describe("racks").partitions()).hasSize(12).allSatisfy(it -> assertThat(it.replicas())
                .extracting(Node::rack)
                .containsExactlyInAnyOrder("odd", "even"));
    }

    /** What the leader sends is 4 MB; a second's worth goes at once, and one answer may be owed. */
    @Test
    @Order(2)
    void reassignmentsAreThrottledWhileReplicasInSyncAreNot() throws Exception {
        long rate = 250_000;
        create(new NewTopic("moving", Map.of(0, List.of(1, 2))));
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            for (int i = 0; i < 40; i++) {
                var unused = producer.send(new ProducerRecord<>("moving", new byte[50_000]));
            }
            producer.flush();
            Path plan = Files.writeString(
                    dir.resolve("plan.json"),
                    """
                    {"version": 1, "partitions": [{"topic": "moving", "partition": 0, "replicas": [3, 4]}]}
                    """);
            String[] reassign = {"--reassignment-json-file", plan.toString()};

            assertThat(ok("kafka-reassign-partitions", with(reassign, "--execute", "--throttle", "" + rate)))
                    .contains("The inter-broker throttle limit was set to " + rate + " B/s")
                    .contains("Successfully started partition reassignment for moving-0");
            long startedNanos = System.nanoTime();
            assertThat(config(ConfigResource.Type.BROKER, "1", "leader.replication.throttled.rate"))
                    .isEqualTo("" + rate);
            assertThat(config(ConfigResource.Type.BROKER, "4", "follower.replication.throttled.rate"))
                    .isEqualTo("" + rate);
            assertThat(config(ConfigResource.Type.TOPIC, "moving", "follower.replication.throttled.replicas"))
                    .isEqualTo("0:3,0:4");
            producer.send(new ProducerRecord<>("moving", new byte[1_000])).get(60, TimeUnit.SECONDS);
            cluster.eventually(() -> assertThat(ok("kafka-reassign-partitions", with(reassign, "--verify")))
                    .contains("Reassignment of partition moving-0 is completed.")
                    .contains("Clearing topic-level throttles on topic moving"));

            double leastSeconds = (2 * 40 * 50_000 - rate - (1 << 20)) / (double) rate;
            assertThat(System.nanoTime() - startedNanos)
                    .as("a move that the throttle did not hold back takes a moment")
                    .isGreaterThan((long) (leastSeconds / 2 * 1e9));
            assertThat(replicas("moving")).containsExactly(3, 4);
            assertThat(config(ConfigResource.Type.BROKER, "1", "leader.replication.throttled.rate"))
                    .isNull();
            assertThat(config(ConfigResource.Type.TOPIC, "moving", "follower.replication.throttled.replicas"))
                    .isEmpty();
        }
    }

    @Test
    @Order(3)
    void preferredLeadersAreElected() throws Exception {
        create(new NewTopic("elected", Map.of(0, List.of(1, 2))));
        Path plan = Files.writeString(
                dir.resolve("order.json"),
                """
                {"version": 1, "partitions": [{"topic": "elected", "partition": 0, "replicas": [2, 1]}]}
                """);
        ok("kafka-reassign-partitions", "--reassignment-json-file", plan.toString(), "--execute");
        cluster.eventually(() -> assertThat(replicas("elected")).containsExactly(2, 1));
        assertThat(leader("elected")).isEqualTo(1);
        String[] elect = {"--election-type", "PREFERRED", "--topic", "elected", "--partition", "0"};

        assertThat(ok("kafka-leader-election", elect))
                .containsExactly("Successfully completed leader election (PREFERRED) for partitions elected-0");
        cluster.eventually(() -> assertThat(leader("elected")).isEqualTo(2)); // at whichever node is asked
        assertThat(ok("kafka-leader-election", elect))
                .containsExactly("Valid replica already elected for partitions elected-0");
    }

    @Test
    @Order(4)
    void votesAreGivenAndTaken() throws Exception {
        assertThat(voters()).containsExactly(1, 2, 3);
        Properties meta = new Properties();
        try (var in = Files.newBufferedReader(cluster.data(4).resolve("meta.properties"))) {
            meta.load(in);
        }
        Path properties = Files.writeString(
                dir.resolve("controller.properties"),
                """
                process.roles=controller
                node.id=4
                controller.listener.names=CONTROLLER
                listeners=CONTROLLER://127.0.0.1:9093
                advertised.listeners=CONTROLLER://127.0.0.1:9093
                log.dirs=%s
                """
                        .formatted(cluster.data(4)));
        String[] fourth = {
            "remove-controller", "--controller-id", "4", "--controller-directory-id", meta.getProperty("directory.id")
        };

        assertThat(quorumTool("--command-config", properties.toString(), "add-controller"))
                .anyMatch(line -> line.startsWith("Added controller 4 with directory id "));
        assertThat(voters()).containsExactly(1, 2, 3, 4);
        // A request that was begun before the controller handed over may be told that all is as it wanted it to be.
        cluster.eventually(() -> assertThat(tool("--command-config", properties.toString(), "add-controller")
                        .printed())
                .contains("DuplicateVoterException"));
        assertThat(quorumTool(fourth))
                .anyMatch(line -> line.matches("Removed +KRaft controller 4 with directory id .*"));
        assertThat(voters()).containsExactly(1, 2, 3);
        cluster.eventually(() -> assertThat(tool(fourth).printed()).contains("VoterNotFoundException"));

        // The one that leads can lose its vote, too: it hands over first.
        int leader = get(admin.describeMetadataQuorum().quorumInfo()).leaderId();
        quorumTool("--command-config", properties.toString(), "add-controller");
        String directory = get(admin.describeMetadataQuorum().quorumInfo()).voters().stream()
                .filter(it -> it.replicaId() == leader)
                .map(it -> it.replicaDirectoryId().toString())
                .findFirst()
                .orElseThrow();
        quorumTool(
                "remove-controller",
                "--controller-id",
                Integer.toString(leader),
                "--controller-directory-id",
                directory);
        assertThat(voters()).hasSize(3).contains(4).doesNotContain(leader);
        create(new NewTopic("after-votes", 1, (short) 3));
        assertThat(quorumTool("describe", "--status")).anyMatch(line -> line.startsWith("CurrentVoters:"));
    }

    @Test
    @Order(5)
    void theClusterToolTellsEndpoints() {
        assertThat(ok("kafka-cluster", "cluster-id")).singleElement().satisfies(line -> assertThat(line)
                .startsWith("Cluster ID: "));
        assertThat(ok("kafka-cluster", "list-endpoints"))
                .filteredOn(line -> line.contains("127.0.0.1"))
                .hasSize(NODES)
                .allMatch(line -> line.contains("unfenced"));
    }

    /** Last: it costs two nodes their processes, and one its place. */
    @Test
    @Order(6)
    void anyReplicaIsElectedWhereAnOperatorAsksForItAndTheDeadAreUnregistered() throws Exception {
        int controller = get(admin.describeCluster().controller()).id();
        int[] two =
                IntStream.rangeClosed(1, NODES).filter(it -> it != controller).toArray();
        int stale = two[0];
        int fresh = two[1];
        create(new NewTopic("unclean", Map.of(0, List.of(fresh, stale))).configs(Map.of("min.insync.replicas", "1")));
        cluster.stop(stale);
        cluster.eventually(() -> assertThat(partition("unclean").isr()).hasSize(1));
        cluster.stop(fresh);
        startNode(stale);
        awaitNodes(NODES - 1);
        cluster.eventually(() -> assertThat(leader("unclean")).isEqualTo(-1));

        cluster.eventually(() -> assertThat(ok(
                        "kafka-leader-election",
                        "--election-type",
                        "UNCLEAN",
                        "--topic",
                        "unclean",
                        "--partition",
                        "0"))
                .containsExactly("Successfully completed leader election (UNCLEAN) for partitions unclean-0"));
        cluster.eventually(() -> assertThat(leader("unclean")).isEqualTo(stale));

        assertThat(ok("kafka-cluster", "unregister", "--id", Integer.toString(fresh)))
                .containsExactly("Broker " + fresh + " is no longer registered.");
        cluster.eventually(() -> assertThat(get(admin.describeCluster().nodes()))
                .extracting(Node::id)
                .doesNotContain(fresh));
    }

    private static KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", cluster.bootstrap(), "acks", "all"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private static void create(NewTopic topic) throws Exception {
        get(admin.createTopics(List.of(topic)).all());
    }

    private static TopicDescription describe(String topic) {
        return ClusterProcesses.describe(admin, topic);
    }

    private static TopicPartitionInfo partition(String topic) throws Exception {
        return describe(topic).partitions().getFirst();
    }

    private static List<Integer> replicas(String topic) throws Exception {
        return partition(topic).replicas().stream().map(Node::id).toList();
    }

    private static int leader(String topic) throws Exception {
        Node leader = partition(topic).leader();
        return leader == null ? -1 : leader.id();
    }

    private static List<Integer> voters() throws Exception {
        return get(admin.describeMetadataQuorum().quorumInfo()).voters().stream()
                .map(QuorumInfo.ReplicaState::replicaId)
                .toList();
    }

    /** What is set there and nowhere else; null if nothing is. */
    private static String config(ConfigResource.Type type, String name, String key) throws Exception {
        ConfigResource resource = new ConfigResource(type, name);
        var entry = get(admin.describeConfigs(List.of(resource)).all())
                .get(resource)
                .get(key);
        return entry == null ? null : entry.value();
    }

    private static List<String> quorumTool(String... args) {
        Result result = tool(args);
        assertThat(result.code()).as(result.printed() + cluster.outputs()).isZero();
        return result.lines();
    }

    private static Result tool(String... args) {
        return tools.run("kafka-metadata-quorum", with(new String[] {"--bootstrap-server", cluster.bootstrap()}, args));
    }

    private static List<String> ok(String tool, String... args) {
        String[] bootstrap = {"--bootstrap-server", cluster.bootstrap()};
        boolean command = tool.equals("kafka-cluster");
        Result result = tools.run(tool, command ? with(args, bootstrap) : with(bootstrap, args));
        assertThat(result.code()).as(result.printed()).isZero();
        return result.lines();
    }

    private static String[] with(String[] first, String... then) {
        List<String> all = new ArrayList<>(Arrays.asList(first));
        all.addAll(Arrays.asList(then));
        return all.toArray(String[]::new);
    }

    private static <T> T get(org.apache.kafka.common.KafkaFuture<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }
}
