// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.config.BrokerConfig;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Members of consumer groups over WebSockets, beside each other and beside stock Kafka consumers. */
@Timeout(180)
final class GatewayGroupIT {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final int PARTITIONS = 4;

    @TempDir
    static Path dir;

    private static Broker broker;
    private static Admin admin;
    private static KafkaProducer<String, String> producer;

    @BeforeAll
    static void start() throws Exception {
        broker = Broker.start(BrokerConfig.of(Map.of(
                        "listeners",
                        "PLAINTEXT://localhost:0",
                        "http.port",
                        "0",
                        "group.consumer.heartbeat.interval.ms",
                        "500",
                        "group.consumer.min.heartbeat.interval.ms",
                        "500",
                        "log.dirs",
                        dir.toString())))
                .toCompletionStage()
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
        admin = Admin.create(servers());
        producer = new KafkaProducer<>(servers(), new StringSerializer(), new StringSerializer());
    }

    @AfterAll
    static void stop() throws Exception {
        producer.close();
        admin.close();
        broker.stop().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @Test
    void goesOnWhereItCommittedInAnotherConnection() throws Exception {
        topic("resumed");
        produce("resumed", 0, 40);
        try (Socket socket = member("resumed", "g-resumed", 1000)) {
            Set<String> seen = new HashSet<>();
            int unanswered = 0;
            while (seen.size() < 40 || unanswered > 0) {
                JsonObject frame = socket.next("data", "committed", "err");
                if ("data".equals(frame.getString("type"))) {
                    values(frame).forEach(seen::add);
                    socket.send("{\"type\":\"commit\",\"id\":1,\"seq\":7,\"tokens\":[\"" + frame.getString("token")
                            + "\"]}");
                    unanswered++;
                } else {
                    assertThat(frame.getString("type")).as(frame.encode()).isEqualTo("committed");
                    assertThat(frame.getLong("seq")).isEqualTo(7);
                    unanswered--;
                }
            }
        }
        produce("resumed", 40, 50);
        try (Socket socket = member("resumed", "g-resumed", 1000)) {
            Set<String> seen = new HashSet<>();
            while (seen.size() < 10) {
                values(socket.next("data")).forEach(seen::add);
            }
            assertThat(seen).allMatch(value -> Integer.parseInt(value) >= 40);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"consumer", "classic"})
    void sharesPartitionsWithAKafkaConsumerAndTakesThemOverWhenThatLeaves(String protocol) throws Exception {
        String topic = "shared-" + protocol;
        topic(topic);
        Set<String> inBrowser = new HashSet<>();
        Set<String> inConsumer = new HashSet<>();
        try (Socket socket = member(topic, "g-" + topic, 100_000)) {
            assertThat(assigned(socket, PARTITIONS)).hasSize(PARTITIONS);
            try (KafkaConsumer<String, String> fellow = consumer("g-" + topic, protocol)) {
                fellow.subscribe(List.of(topic));
                Thread answering = answerRevocations(socket, inBrowser);
                while (fellow.assignment().size() != PARTITIONS / 2) {
                    fellow.poll(Duration.ofMillis(50));
                }
                produce(topic, 0, 400);
                Set<TopicPartition> theirs = fellow.assignment();
                long deadline = System.currentTimeMillis() + 60_000;
                while (inConsumer.size() + size(inBrowser) < 400 && System.currentTimeMillis() < deadline) {
                    for (ConsumerRecord<String, String> record : fellow.poll(Duration.ofMillis(50))) {
                        inConsumer.add(record.value());
                    }
                }
                assertThat(fellow.assignment()).isEqualTo(theirs);
                assertThat(inConsumer).isNotEmpty();
                assertThat(inConsumer.size() + size(inBrowser)).isEqualTo(400);
                fellow.commitSync();
                answering.interrupt();
                answering.join();
            }
            // The fellow has left: its partitions come here, from where it committed.
            assertThat(assigned(socket, PARTITIONS / 2)).hasSize(PARTITIONS / 2);
            produce(topic, 400, 500);
            Set<String> rest = new HashSet<>();
            while (rest.size() < 100) {
                values(socket.next("data")).forEach(rest::add);
            }
            assertThat(rest).allMatch(value -> Integer.parseInt(value) >= 400);
        }
    }

    @Test
    void leavesAtOnceWhenTheTabIsClosed() throws Exception {
        topic("closed");
        Socket tab = member("closed", "g-closed", 100);
        assertThat(assigned(tab, PARTITIONS)).hasSize(PARTITIONS);
        try (Socket other = member("closed", "g-closed", 100)) {
            Set<Integer> half = revoked(tab);
            tab.send("{\"type\":\"release\",\"id\":1,\"partitions\":" + new JsonArray(List.copyOf(half)) + "}");
            assertThat(assigned(other, half.size())).isEqualTo(half);

            tab.close();
            // Long before the session timeout of 45 s could pass, and without a wall clock: the members say so.
            while (admin.describeConsumerGroups(List.of("g-closed"))
                            .describedGroups()
                            .get("g-closed")
                            .get()
                            .members()
                            .size()
                    > 1) {
                Thread.onSpinWait();
            }
            assertThat(assigned(other, PARTITIONS - half.size())).hasSize(PARTITIONS - half.size());
        }
    }

    @Test
    void refusesToCommitWhatIsNotTheMembers() throws Exception {
        topic("foreign");
        try (Socket socket = member("foreign", "g-foreign", 100)) {
            assigned(socket, PARTITIONS);
            socket.send("{\"type\":\"commit\",\"id\":1,\"seq\":1,\"offsets\":{\"9\":1}}");
            JsonObject refusal = socket.next("err");
            assertThat(refusal.getString("code")).isEqualTo("not-assigned");
            assertThat(refusal.getLong("seq")).isEqualTo(1);
            socket.send("{\"type\":\"commit\",\"id\":2,\"seq\":2,\"offsets\":{\"0\":1}}");
            assertThat(socket.next("err").getString("code")).isEqualTo("unknown-subscription");
        }
    }

    private static Thread answerRevocations(Socket socket, Set<String> values) {
        Thread thread = new Thread(() -> {
            try {
                while (true) {
                    JsonObject frame = socket.next("data", "revoked");
                    if ("data".equals(frame.getString("type"))) {
                        synchronized (values) {
                            values(frame).forEach(values::add);
                        }
                    } else {
                        socket.send("{\"type\":\"release\",\"id\":1,\"partitions\":" + frame.getJsonArray("partitions")
                                + "}");
                    }
                }
            } catch (InterruptedException enough) {
                Thread.currentThread().interrupt();
            }
        });
        thread.start();
        return thread;
    }

    private static int size(Set<String> values) {
        synchronized (values) {
            return values.size();
        }
    }

    private static Set<Integer> revoked(Socket socket) throws InterruptedException {
        JsonArray partitions = socket.next("revoked").getJsonArray("partitions");
        Set<Integer> revoked = new TreeSet<>();
        partitions.forEach(it -> revoked.add((Integer) it));
        return revoked;
    }

    private static Set<Integer> assigned(Socket socket, int count) throws InterruptedException {
        Set<Integer> assigned = new TreeSet<>();
        while (assigned.size() < count) {
            assigned.add(socket.next("assigned").getInteger("partition"));
        }
        return assigned;
    }

    private static List<String> values(JsonObject data) {
        List<String> values = new ArrayList<>();
        data.getJsonArray("records").forEach(it -> values.add(((JsonObject) it).getString("value")));
        return values;
    }

    private static Socket member(String topic, String group, int records) throws Exception {
        Socket socket = Socket.open(
                HTTP, URI.create("ws://localhost:" + broker.ports().getOrDefault(Broker.HTTP, 0) + "/v1/socket"));
        socket.send("{\"type\":\"hello\"}");
        socket.send("{\"type\":\"sub\",\"id\":1,\"topic\":\"" + topic + "\",\"group\":\"" + group
                + "\",\"from\":\"earliest\",\"credit\":{\"records\":" + records + ",\"bytes\":10000000}}");
        assertThat(socket.next("subbed").getJsonObject("positions")).isEmpty();
        return socket;
    }

    private static KafkaConsumer<String, String> consumer(String group, String protocol) {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        servers().get("bootstrap.servers"),
                        "group.id",
                        group,
                        "group.protocol",
                        protocol,
                        "auto.offset.reset",
                        "earliest",
                        "enable.auto.commit",
                        false),
                new StringDeserializer(),
                new StringDeserializer());
    }

    private static Map<String, Object> servers() {
        return Map.of("bootstrap.servers", "localhost:" + broker.ports().getOrDefault("PLAINTEXT", 0));
    }

    private static void topic(String name) throws Exception {
        admin.createTopics(List.of(new NewTopic(name, PARTITIONS, (short) 1)))
                .all()
                .get();
    }

    private static void produce(String topic, int from, int to) {
        for (int i = from; i < to; i++) {
            var unused = producer.send(new ProducerRecord<>(topic, i % PARTITIONS, null, Integer.toString(i)));
        }
        producer.flush();
    }
}
