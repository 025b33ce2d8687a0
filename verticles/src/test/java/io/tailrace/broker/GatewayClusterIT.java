// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes as three processes: whatever is asked of the gateway of one of them, wherever it is led. */
@Timeout(300)
final class GatewayClusterIT {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final int NODES = 3;
    private static final int PARTITIONS = 6;

    @TempDir
    static Path dir;

    private static ClusterProcesses cluster;
    private static final Map<Integer, Integer> PORTS = new HashMap<>();

    @BeforeAll
    static void start() throws Exception {
        cluster = new ClusterProcesses(dir, NODES);
        for (int node = 1; node <= NODES; node++) {
            PORTS.put(node, FreePorts.one());
            cluster.start(
                    node,
                    "http.port",
                    PORTS.get(node).toString(),
                    "group.consumer.heartbeat.interval.ms",
                    "500",
                    "group.consumer.min.heartbeat.interval.ms",
                    "500");
        }
        try (Admin admin = cluster.admin()) {
            cluster.eventually(() -> assertThat(admin.describeCluster().nodes().get(15, TimeUnit.SECONDS))
                    .hasSize(NODES));
        }
        for (int node = 1; node <= NODES; node++) {
            int asked = node;
            cluster.eventually(() -> assertThat(get(asked, "/v1/admin/cluster").getJsonArray("brokers"))
                    .hasSize(NODES));
        }
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    /** With leaders on all nodes, and every node knowing it. */
    private static void create(String topic, int partitions, int replicas) throws Exception {
        try (Admin admin = cluster.admin()) {
            admin.createTopics(List.of(new NewTopic(topic, partitions, (short) replicas)))
                    .all()
                    .get(60, TimeUnit.SECONDS);
        }
        for (int node = 1; node <= NODES; node++) {
            int asked = node;
            cluster.eventually(
                    () -> assertThat(get(asked, "/v1/admin/topics/" + topic).getJsonArray("partitionList"))
                            .hasSize(partitions)
                            .allSatisfy(it -> assertThat(((JsonObject) it).getInteger("leader"))
                                    .isPositive()));
        }
    }

    private static JsonObject get(int node, String path) throws Exception {
        HttpResponse<String> response = HTTP.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + PORTS.get(node) + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return new JsonObject(response.body());
    }

    private static Socket greeted(int node) {
        Socket socket = Socket.open(HTTP, URI.create("ws://localhost:" + PORTS.get(node) + "/v1/socket"));
        socket.send("{\"type\":\"hello\"}");
        return socket;
    }

    @Test
    void everyNodeReadsAndWritesPartitionsThatOthersLead() throws Exception {
        create("spread", PARTITIONS, 1);
        Map<String, String> written = new HashMap<>();
        for (int node = 1; node <= NODES; node++) {
            try (Socket socket = greeted(node)) {
                for (int partition = 0; partition < PARTITIONS; partition++) {
                    String value = node + "-" + partition;
                    socket.send("{\"type\":\"pub\",\"seq\":" + partition + ",\"topic\":\"spread\",\"partition\":"
                            + partition + ",\"value\":\"" + value + "\"}");
                }
                for (int partition = 0; partition < PARTITIONS; partition++) {
                    JsonObject answer = socket.next("pubbed", "err");
                    assertThat(answer.getString("type")).as(answer.encode()).isEqualTo("pubbed");
                    String value = node + "-" + answer.getLong("seq");
                    written.put(answer.getInteger("partition") + "@" + answer.getLong("offset"), value);
                }
            }
        }
        assertThat(written).hasSize(NODES * PARTITIONS);
        for (int node = 1; node <= NODES; node++) {
            try (Socket socket = greeted(node)) {
                socket.send("{\"type\":\"sub\",\"id\":1,\"topic\":\"spread\",\"from\":\"earliest\","
                        + "\"credit\":{\"records\":10000,\"bytes\":1000000}}");
                assertThat(records(socket, written.size())).isEqualTo(written);
                // And what comes while it waits at the end.
                Map<String, String> more = produce("spread", "live-" + node);
                assertThat(records(socket, more.size())).isEqualTo(more);
                written.putAll(more);
            }
        }
    }

    /** One record for each partition, by a Kafka client; values by partition and offset. */
    private static Map<String, String> produce(String topic, String prefix) throws Exception {
        Map<String, String> written = new HashMap<>();
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", cluster.bootstrap()), new StringSerializer(), new StringSerializer())) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                String value = prefix + "-" + partition;
                long offset = producer.send(new ProducerRecord<>(topic, partition, null, value))
                        .get(60, TimeUnit.SECONDS)
                        .offset();
                written.put(partition + "@" + offset, value);
            }
        }
        return written;
    }

    private static Map<String, String> records(Socket socket, int count) throws Exception {
        Map<String, String> found = new HashMap<>();
        while (found.size() < count) {
            JsonObject data = socket.next("data");
            JsonArray records = data.getJsonArray("records");
            for (int i = 0; i < records.size(); i++) {
                JsonObject record = records.getJsonObject(i);
                String before = found.put(
                        data.getInteger("partition") + "@" + record.getLong("offset"), record.getString("value"));
                assertThat(before).as("each record comes once").isNull();
            }
        }
        return found;
    }

    @Test
    void membersOfAGroupMayComeToAnyNodeWhereverItIsCoordinated() throws Exception {
        create("shared", PARTITIONS, 3);
        produce("shared", "first");
        Set<Integer> coordinators = new TreeSet<>();
        try (Admin admin = cluster.admin()) {
            for (int i = 0; i < 2 * NODES; i++) {
                String group = "group-" + i;
                int node = 1 + i % NODES;
                try (Socket socket = member(node, "shared", group)) {
                    Map<String, String> seen = records(socket, PARTITIONS);
                    Map<String, Integer> offsets = seen.keySet().stream()
                            .collect(Collectors.toMap(at -> at.substring(0, at.indexOf('@')), at -> 1));
                    socket.send(new JsonObject()
                            .put("type", "commit")
                            .put("id", 1)
                            .put("seq", 9)
                            .put("offsets", new JsonObject(new HashMap<>(offsets)))
                            .encode());
                    JsonObject answer = socket.next("committed", "err");
                    assertThat(answer.getString("type")).as(answer.encode()).isEqualTo("committed");
                }
                coordinators.add(admin.describeConsumerGroups(List.of(group))
                        .describedGroups()
                        .get(group)
                        .get(60, TimeUnit.SECONDS)
                        .coordinator()
                        .id());
            }
        }
        assertThat(coordinators).as("nodes that coordinate").hasSizeGreaterThan(1);
        Map<String, String> more = produce("shared", "second");
        for (int i = 0; i < 2 * NODES; i++) {
            try (Socket socket = member(1 + (i + 1) % NODES, "shared", "group-" + i)) {
                assertThat(records(socket, PARTITIONS)).isEqualTo(more);
            }
        }
        Set<String> groups =
                IntStream.range(0, 2 * NODES).mapToObj(i -> "group-" + i).collect(Collectors.toSet());
        for (int node = 1; node <= NODES; node++) {
            JsonArray listed =
                    get(node, "/v1/admin/groups?search=group-&size=100").getJsonArray("items");
            assertThat(listed.stream()
                            .map(it -> ((JsonObject) it).getString("group"))
                            .collect(Collectors.toSet()))
                    .containsAll(groups);
            JsonObject group = get(node, "/v1/admin/groups/group-0");
            assertThat(group.getJsonArray("offsets")).hasSize(PARTITIONS).allSatisfy(it -> assertThat(
                            ((JsonObject) it).getLong("end"))
                    .isEqualTo(2));
        }
    }

    private static Socket member(int node, String topic, String group) {
        Socket socket = greeted(node);
        socket.send("{\"type\":\"sub\",\"id\":1,\"topic\":\"" + topic + "\",\"group\":\"" + group
                + "\",\"from\":\"earliest\",\"credit\":{\"records\":1000,\"bytes\":1000000}}");
        return socket;
    }

    private static void isWholeOverview(int asked, JsonObject overview) {
        assertThat(overview.getInteger("node")).isEqualTo(asked);
        assertThat(overview.getJsonArray("brokers")).hasSize(NODES).allSatisfy(it -> {
            JsonObject broker = (JsonObject) it;
            assertThat(broker.getBoolean("reached")).isTrue();
            assertThat(broker.getLong("bytes")).isPositive();
            assertThat(broker.getInteger("inSync")).isPositive();
        });
        Set<Integer> withDisks = overview.getJsonArray("directories").stream()
                .map(it -> ((JsonObject) it).getInteger("node"))
                .collect(Collectors.toSet());
        assertThat(withDisks).containsExactlyInAnyOrder(1, 2, 3);
    }

    @Test
    void everyNodeTellsOfAllNodesAndAllPartitions() throws Exception {
        create("told", PARTITIONS, 1);
        produce("told", "once");
        for (int node = 1; node <= NODES; node++) {
            int asked = node;
            // Sizes may be a second old.
            cluster.eventually(() -> isWholeOverview(asked, get(asked, "/v1/admin/cluster")));
            JsonObject topic = get(node, "/v1/admin/topics/told?fresh=true");
            assertThat(topic.getJsonArray("partitionList")).hasSize(PARTITIONS).allSatisfy(it -> {
                assertThat(((JsonObject) it).getLong("end")).isEqualTo(1);
                assertThat(((JsonObject) it).getLong("bytes")).isPositive();
            });
            assertThat(topic.getLong("records")).isEqualTo(PARTITIONS);
            // The configuration of another node comes from that node.
            JsonObject configs = get(node, "/v1/admin/brokers/" + (1 + node % NODES) + "/configs");
            assertThat(configs.encode()).contains("\"" + cluster.data(1 + node % NODES) + "\"");
        }
    }

    @Test
    void followsALeaderThatMovesWithoutGapOrDuplicate() throws Exception {
        create("moving", 1, 3);
        int leader;
        try (Admin admin = cluster.admin()) {
            TopicDescription found = admin.describeTopics(List.of("moving"))
                    .topicNameValues()
                    .get("moving")
                    .get(60, TimeUnit.SECONDS);
            leader = found.partitions().get(0).leader().id();
        }
        int other = 1 + leader % NODES;
        try (Socket socket = greeted(other);
                KafkaProducer<String, String> producer = new KafkaProducer<>(
                        Map.of("bootstrap.servers", cluster.bootstrap(), "delivery.timeout.ms", "120000"),
                        new StringSerializer(),
                        new StringSerializer())) {
            socket.send("{\"type\":\"sub\",\"id\":1,\"topic\":\"moving\",\"from\":\"earliest\","
                    + "\"credit\":{\"records\":10000,\"bytes\":1000000}}");
            for (int i = 0; i < 100; i++) {
                producer.send(new ProducerRecord<>("moving", "before-" + i)).get(60, TimeUnit.SECONDS);
            }
            Set<String> seen = new HashSet<>(records(socket, 100).values());
            cluster.stop(leader);
            for (int i = 0; i < 100; i++) {
                producer.send(new ProducerRecord<>("moving", "after-" + i)).get(120, TimeUnit.SECONDS);
            }
            seen.addAll(records(socket, 100).values());
            assertThat(seen).hasSize(200);
            cluster.start(leader, "http.port", PORTS.get(leader).toString());
            cluster.eventually(() -> assertThat(get(leader, "/v1/admin/cluster").getJsonArray("brokers"))
                    .hasSize(NODES)
                    .allSatisfy(it ->
                            assertThat(((JsonObject) it).getBoolean("fenced")).isFalse()));
        }
    }
}
