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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Administration over HTTP, seen from the other side by Kafka's own admin client. */
@Timeout(120)
final class AdminIT {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    static Path dir;

    private static BrokerFixture broker;
    private static Admin admin;

    @BeforeAll
    static void start() {
        broker = BrokerFixture.start(dir, "http.port", "0");
        admin = broker.admin();
    }

    @AfterAll
    static void stop() {
        admin.close();
        broker.close();
    }

    @Test
    void createsATopicThatKafkaClientsSee() throws Exception {
        JsonObject made =
                ok("POST", "topics", "{\"name\":\"made\",\"partitions\":3,\"configs\":{\"retention.ms\":60000}}");
        assertThat(made.getInteger("partitions")).isEqualTo(3);
        assertThat(admin.describeTopics(List.of("made"))
                        .allTopicNames()
                        .get()
                        .get("made")
                        .partitions())
                .hasSize(3);
        assertThat(config("made", "retention.ms")).isEqualTo("60000");
    }

    @Test
    void refusesWithKafkasWordsAndTheRightStatus() throws Exception {
        ok("POST", "topics", "{\"name\":\"once\"}");
        refused(409, "topic-already-exists", "POST", "topics", "{\"name\":\"once\"}");
        refused(400, "invalid-topic-exception", "POST", "topics", "{\"name\":\"no spaces\"}");
        refused(400, "invalid-config", "POST", "topics", "{\"name\":\"odd\",\"configs\":{\"retention.ms\":\"soon\"}}");
        refused(400, "invalid-replication-factor", "POST", "topics", "{\"name\":\"odd\",\"replicationFactor\":3}");
        refused(400, "invalid-request", "POST", "topics", "{\"partitions\":3}");
        refused(400, "bad-frame", "POST", "topics", "[1]");
        refused(400, "invalid-partitions", "POST", "topics/once/partitions", "{\"count\":1}");
        refused(404, "unknown-topic-or-partition", "GET", "topics/nowhere", null);
        refused(404, "unknown-topic-or-partition", "DELETE", "topics/nowhere", null);
        refused(404, "group-id-not-found", "GET", "groups/nobody", null);
        refused(400, "invalid-request", "GET", "topics?size=0", null);
        refused(404, "not-found", "GET", "nothing", null);
        refused(405, "method-not-allowed", "PATCH", "topics", "{}");
    }

    @Test
    void changesNothingForPagesOfOtherOriginsNorForForms() throws Exception {
        ok("POST", "topics", "{\"name\":\"guarded\"}");
        HttpResponse<String> foreign = HTTP.send(
                request("DELETE", "topics/guarded", null)
                        .header("origin", "https://evil.example")
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(foreign.statusCode()).isEqualTo(403);
        HttpResponse<String> form = HTTP.send(
                HttpRequest.newBuilder(address("topics"))
                        .header("content-type", "text/plain")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"formed\"}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(form.statusCode()).isEqualTo(415);
        assertThat(admin.listTopics().names().get()).contains("guarded").doesNotContain("formed");
    }

    @Test
    void pagesThroughTopicsInTheOrderAskedFor() throws Exception {
        admin.createTopics(IntStream.range(0, 25)
                        .mapToObj(i -> new NewTopic("page-%02d".formatted(i), 1 + i % 3, (short) 1))
                        .toList())
                .all()
                .get();
        produce("page-07", 0, 50);
        JsonObject second = ok("GET", "topics?search=PAGE-&size=10&page=1", null);
        assertThat(second.getInteger("total")).isEqualTo(25);
        assertThat(names(second)).hasSize(10).startsWith("page-10").endsWith("page-19");
        assertThat(names(ok("GET", "topics?search=page-&size=10&page=2", null))).hasSize(5);
        Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(
                        names(ok("GET", "topics?search=page-&size=1&sort=records&descending=true", null)))
                .containsExactly("page-07"));
        assertThat(names(ok("GET", "topics?search=__", null))).isEmpty();
    }

    @Test
    void tellsWhereEachPartitionIs() throws Exception {
        ok("POST", "topics", "{\"name\":\"places\",\"partitions\":2}");
        produce("places", 1, 7);
        assertThat(ok("GET", "topics/places?fresh=true", null)
                        .getJsonArray("partitionList")
                        .getJsonObject(1)
                        .getLong("end"))
                .isEqualTo(7);
        Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            JsonArray partitions = ok("GET", "topics/places", null).getJsonArray("partitionList");
            assertThat(partitions.getJsonObject(0).getLong("end")).isZero();
            assertThat(partitions.getJsonObject(1).getLong("end")).isEqualTo(7);
            assertThat(partitions.getJsonObject(1).getLong("bytes")).isPositive();
            assertThat(partitions.getJsonObject(1).getJsonArray("isr").getInteger(0))
                    .isEqualTo(1);
        });
    }

    @Test
    void addsPartitionsAndDeletesRecordsAndTopics() throws Exception {
        ok("POST", "topics", "{\"name\":\"grown\",\"partitions\":1}");
        produce("grown", 0, 5);
        ok("POST", "topics/grown/partitions", "{\"count\":4}");
        assertThat(admin.describeTopics(List.of("grown"))
                        .allTopicNames()
                        .get()
                        .get("grown")
                        .partitions())
                .hasSize(4);
        ok("DELETE", "topics/grown/records", "{\"partition\":0,\"before\":2}");
        assertThat(start("grown")).isEqualTo(2);
        ok("DELETE", "topics/grown/records", null);
        assertThat(start("grown")).isEqualTo(5);
        ok("DELETE", "topics/grown", null);
        assertThat(admin.listTopics().names().get()).doesNotContain("grown");
    }

    @Test
    void setsAndResetsConfigurations() throws Exception {
        ok("POST", "topics", "{\"name\":\"tuned\"}");
        ok("PATCH", "topics/tuned/configs", "{\"set\":{\"max.message.bytes\":2000000}}");
        assertThat(config("tuned", "max.message.bytes")).isEqualTo("2000000");
        JsonObject told = ok("GET", "topics/tuned/configs", null).getJsonArray("configs").stream()
                .map(JsonObject.class::cast)
                .filter(one -> one.getString("name").equals("max.message.bytes"))
                .findFirst()
                .orElseThrow();
        assertThat(told.getString("source")).isEqualTo("topic-config");
        assertThat(told.getString("documentation")).isNotEmpty();
        refused(400, "invalid-config", "PATCH", "topics/tuned/configs", "{\"set\":{\"max.message.bytes\":-4}}");
        ok("PATCH", "topics/tuned/configs", "{\"reset\":[\"max.message.bytes\"]}");
        assertThat(config("tuned", "max.message.bytes")).isNotEqualTo("2000000");
        assertThat(ok("GET", "brokers/1/configs", null).getJsonArray("configs")).isNotEmpty();
    }

    @Test
    void movesAGroupAsItSaidItWould() throws Exception {
        ok("POST", "topics", "{\"name\":\"moved\",\"partitions\":2}");
        produce("moved", 0, 30);
        produce("moved", 1, 10);
        commit("movers", Map.of(new TopicPartition("moved", 0), new OffsetAndMetadata(20)));
        assertThat(ok("GET", "groups/movers", null).getString("state")).isEqualTo("Empty");
        Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(
                        ok("GET", "groups/movers", null).getLong("lag"))
                .isEqualTo(10));

        String body = "{\"to\":{\"shift\":-15},\"topic\":\"moved\"";
        JsonArray told =
                ok("POST", "groups/movers/offsets", body + ",\"dryRun\":true}").getJsonArray("moves");
        assertThat(committed("movers")).containsEntry(new TopicPartition("moved", 0), 20L);
        JsonArray done = ok("POST", "groups/movers/offsets", body + "}").getJsonArray("moves");
        assertThat(done).isEqualTo(told);
        // A shift from nowhere begins at the start, and stays within the log.
        assertThat(committed("movers"))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(new TopicPartition("moved", 0), 5L, new TopicPartition("moved", 1), 0L));

        ok("POST", "groups/movers/offsets", "{\"to\":\"latest\"}");
        assertThat(committed("movers")).containsValues(30L, 10L);
        ok("POST", "groups/movers/offsets", "{\"to\":{\"offset\":99},\"partitions\":[1]}");
        assertThat(committed("movers")).containsValues(30L, 10L);
        ok("POST", "groups/movers/offsets", "{\"to\":{\"timestamp\":1}}");
        assertThat(committed("movers")).containsValues(0L, 0L);
        refused(400, "invalid-request", "POST", "groups/movers/offsets", "{\"to\":\"somewhere\"}");

        ok("DELETE", "groups/movers/offsets?topic=moved", null);
        assertThat(committed("movers")).isEmpty();
    }

    @Test
    void leavesAGroupWithMembersAlone() throws Exception {
        ok("POST", "topics", "{\"name\":\"read\"}");
        produce("read", 0, 3);
        try (KafkaConsumer<byte[], byte[]> member =
                broker.consumer(new TopicPartition("read", 0), "group.id", "busy", "client.id", "reader-one")) {
            member.unsubscribe();
            member.subscribe(List.of("read"));
            BrokerFixture.poll(member, 3);
            member.commitSync();
            JsonObject group = ok("GET", "groups/busy", null);
            JsonObject told = group.getJsonArray("members").getJsonObject(0);
            assertThat(told.getString("client")).isEqualTo("reader-one");
            assertThat(told.getJsonArray("assignment").getJsonObject(0).getString("topic"))
                    .isEqualTo("read");
            assertThat(group.getJsonArray("offsets").getJsonObject(0).getString("member"))
                    .isEqualTo(told.getString("id"));
            refused(409, "unknown-member-id", "POST", "groups/busy/offsets", "{\"to\":\"earliest\"}");
            refused(409, "non-empty-group", "DELETE", "groups/busy", null);
            JsonObject listed = ok("GET", "groups?search=bus&state=Stable", null)
                    .getJsonArray("items")
                    .getJsonObject(0);
            assertThat(listed.getInteger("members")).isEqualTo(1);
        }
        Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(
                        send("DELETE", "groups/busy", null).statusCode())
                .isEqualTo(200));
        refused(404, "group-id-not-found", "GET", "groups/busy", null);
    }

    @Test
    void tellsTheClusterAndItsTraffic() throws Exception {
        JsonObject cluster = ok("GET", "cluster", null);
        assertThat(cluster.getJsonArray("brokers").getJsonObject(0).getBoolean("controller"))
                .isTrue();
        assertThat(cluster.getJsonArray("directories").getJsonObject(0).getLong("totalBytes"))
                .isPositive();
        Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            admin.listTopics().names().get();
            JsonArray points = ok("GET", "traffic", null).getJsonArray("points");
            assertThat(points.stream().map(JsonArray.class::cast))
                    .anyMatch(point -> point.getLong(1) > 0 && point.getLong(3) > 0 && point.getLong(4) > 0);
        });
    }

    @Test
    void servesTheConsoleWithAPolicyThatLetsNothingElseIn() throws Exception {
        URI root = URI.create("http://127.0.0.1:" + broker.httpPort() + "/");
        HttpResponse<String> page =
                HTTP.send(HttpRequest.newBuilder(root).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(page.body()).contains("console/app.js");
        assertThat(page.headers().firstValue("content-security-policy")).hasValueSatisfying(policy -> assertThat(policy)
                .contains("default-src 'none'", "script-src 'self'")
                .doesNotContain("unsafe", "http"));
        for (String file : List.of("console/app.js", "console/console.css", "client.js", "openapi.json")) {
            HttpResponse<String> asset =
                    HTTP.send(HttpRequest.newBuilder(root.resolve(file)).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(asset.statusCode()).as(file).isEqualTo(200);
            HttpResponse<String> again = HTTP.send(
                    HttpRequest.newBuilder(root.resolve(file))
                            .header(
                                    "if-none-match",
                                    asset.headers().firstValue("etag").orElseThrow())
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(again.statusCode()).as(file).isEqualTo(304);
        }
    }

    private static List<String> names(JsonObject page) {
        return page.getJsonArray("items").stream()
                .map(item -> ((JsonObject) item).getString("name"))
                .toList();
    }

    private static void produce(String topic, int partition, int count) {
        try (KafkaProducer<byte[], byte[]> producer = broker.producer()) {
            for (int i = 0; i < count; i++) {
                var unused = producer.send(new ProducerRecord<>(topic, partition, null, new byte[10]));
            }
        }
    }

    private static void commit(String group, Map<TopicPartition, OffsetAndMetadata> offsets) {
        TopicPartition first = offsets.keySet().iterator().next();
        try (KafkaConsumer<byte[], byte[]> consumer = broker.consumer(first, "group.id", group)) {
            consumer.commitSync(offsets);
        }
    }

    private static Map<TopicPartition, Long> committed(String group) throws Exception {
        return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().entrySet().stream()
                .collect(java.util.stream.Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().offset()));
    }

    private static long start(String topic) throws Exception {
        TopicPartition partition = new TopicPartition(topic, 0);
        return admin.listOffsets(Map.of(partition, org.apache.kafka.clients.admin.OffsetSpec.earliest()))
                .partitionResult(partition)
                .get()
                .offset();
    }

    private static String config(String topic, String name) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        return admin.describeConfigs(List.of(resource))
                .all()
                .get()
                .get(resource)
                .get(name)
                .value();
    }

    private static JsonObject ok(String method, String path, String body) throws Exception {
        HttpResponse<String> response = send(method, path, body);
        assertThat(response.statusCode())
                .as("%s %s: %s", method, path, response.body())
                .isEqualTo(200);
        return new JsonObject(response.body());
    }

    private static void refused(int status, String code, String method, String path, String body) throws Exception {
        HttpResponse<String> response = send(method, path, body);
        assertThat(response.statusCode())
                .as("%s %s: %s", method, path, response.body())
                .isEqualTo(status);
        JsonObject error = new JsonObject(response.body());
        assertThat(error.getString("code")).isEqualTo(code);
        assertThat(error.getString("text")).isNotEmpty();
        assertThat(error.getBoolean("retriable")).isFalse();
    }

    private static HttpResponse<String> send(String method, String path, String body) throws Exception {
        return HTTP.send(request(method, path, body).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(String method, String path, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(address(path));
        return body == null
                ? request.method(method, HttpRequest.BodyPublishers.noBody())
                : request.header("content-type", "application/json")
                        .method(method, HttpRequest.BodyPublishers.ofString(body));
    }

    private static URI address(String path) {
        return URI.create("http://127.0.0.1:" + broker.httpPort() + "/v1/admin/" + path);
    }
}
