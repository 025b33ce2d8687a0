// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.config.BrokerConfig;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The gateway of a running node, over real sockets, with stock Kafka clients on the other side. */
@Timeout(120)
final class GatewayIT {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    static Path dir;

    private static Broker broker;
    private static Admin admin;
    private static KafkaProducer<String, String> producer;

    @BeforeAll
    static void start() throws Exception {
        broker = Broker.start(BrokerConfig.of(Map.of(
                        "listeners", "PLAINTEXT://localhost:0",
                        "http.port", "0",
                        "http.development.topic", "develop",
                        "log.dirs", dir.toString())))
                .toCompletionStage()
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
        Map<String, Object> settings = Map.of("bootstrap.servers", "localhost:" + port("PLAINTEXT"));
        admin = Admin.create(settings);
        producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
        for (String topic : List.of(
                "replay",
                "credit",
                "gaps",
                "published",
                "events",
                "resumed",
                "develop",
                "shared",
                "doomed",
                "growing",
                "once",
                "keyed",
                "latest",
                "sampled",
                "filtered")) {
            create(topic, topic.equals("replay") || topic.equals("keyed") ? 3 : 1);
        }
    }

    @AfterAll
    static void stop() throws Exception {
        producer.close();
        admin.close();
        broker.stop().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @Test
    void replayTurnsLiveWithoutGapOrDuplicate() throws Exception {
        produce("replay", 0, 3_000);
        try (Socket socket = greeted()) {
            socket.send("{\"type\":\"sub\",\"id\":1,\"topic\":\"replay\",\"from\":\"earliest\","
                    + "\"credit\":{\"records\":500,\"bytes\":100000}}");
            Map<Integer, Long> next = new HashMap<>();
            Set<String> seen = new HashSet<>();
            int granted = 500;
            boolean more = false;
            while (seen.size() < 6_000) {
                JsonObject frame = socket.next();
                if (!"data".equals(frame.getString("type"))) {
                    continue;
                }
                assertThat(frame.getLong("id")).isEqualTo(1);
                int partition = frame.getInteger("partition");
                JsonArray records = frame.getJsonArray("records");
                for (int i = 0; i < records.size(); i++) {
                    JsonObject record = records.getJsonObject(i);
                    assertThat(record.getLong("offset")).isEqualTo(next.getOrDefault(partition, 0L));
                    next.put(partition, record.getLong("offset") + 1);
                    assertThat(seen.add(record.getString("value"))).isTrue();
                }
                assertThat(frame.getLong("next")).isEqualTo(next.get(partition));
                assertThat(seen.size()).isLessThanOrEqualTo(granted);
                granted += records.size();
                socket.send("{\"type\":\"credit\",\"id\":1,\"records\":" + records.size() + ",\"bytes\":"
                        + frame.getLong("bytes") + "}");
                if (!more && seen.size() > 1_000) {
                    more = true;
                    new Thread(() -> produce("replay", 3_000, 6_000)).start();
                }
            }
        }
    }

    @Test
    void sendsOnlyWhatTheFilterLetsThroughInReplayAndLive() throws Exception {
        produce("filtered", 0, 500);
        try (Socket socket = greeted()) {
            socket.send("{\"type\":\"sub\",\"id\":1,\"topic\":\"filtered\",\"from\":\"earliest\","
                    + "\"filter\":{\"keyPrefix\":\"k49\"},\"credit\":{\"records\":100,\"bytes\":100000}}");
            assertThat(socket.values(11)).startsWith("v49", "v490").endsWith("v499");
            produce("filtered", 490, 510);
            assertThat(socket.values(10)).startsWith("v490").endsWith("v499");
        }
    }

    @Test
    void givesEachItsKeyWhileOthersComeAndGoAndRecordsFlow() throws Exception {
        int keys = 30;
        int each = 200;
        List<Socket> sockets = new ArrayList<>();
        Thread writer = new Thread(() -> {
            for (int i = 0; i < each; i++) {
                produce("keyed", 0, keys);
            }
        });
        for (int key = 0; key < keys; key++) {
            Socket socket = greeted();
            sockets.add(socket);
            socket.send("{\"type\":\"sub\",\"id\":1,\"topic\":\"keyed\",\"from\":\"earliest\","
                    + "\"filter\":{\"key\":\"k" + key + "\"},\"credit\":{\"records\":1000,\"bytes\":1000000}}");
            if (key == keys / 3) {
                writer.start();
            }
            if (key % 3 == 0) {
                try (Socket guest = greeted()) {
                    guest.send("{\"type\":\"sub\",\"id\":1,\"topic\":\"keyed\",\"filter\":{\"key\":\"k" + key
                            + "\"},\"credit\":{\"records\":2,\"bytes\":1000000}}");
                    assertThat(guest.next("subbed").getLong("id")).isEqualTo(1);
                }
            }
        }
        for (int key = 0; key < keys; key++) {
            assertThat(sockets.get(key).allValues(each)).hasSize(each).containsOnly("v" + key);
            sockets.get(key).send("{\"type\":\"ping\"}");
            assertThat(sockets.get(key).next("data", "pong").getString("type")).isEqualTo("pong");
            sockets.get(key).close();
        }
        writer.join();
    }

    @Test
    void givesASlowReaderOfTheLatestTheTableAndThenTheChanges() throws Exception {
        int keys = 10;
        for (int i = 0; i < 2_000; i++) {
            var unused = producer.send(new ProducerRecord<>("latest", "k" + i % keys, "v" + i));
        }
        producer.flush();
        try (Socket socket = greeted()) {
            socket.send(
                    "{\"type\":\"sub\",\"id\":1,\"topic\":\"latest\",\"from\":\"earliest\",\"mode\":\"latest-per-key\","
                            + "\"credit\":{\"records\":1000,\"bytes\":100000}}");
            Map<String, String> table = new HashMap<>();
            int received = 0;
            while (true) {
                JsonObject frame = socket.next("data", "state");
                if ("state".equals(frame.getString("type"))) {
                    if ("live".equals(frame.getString("state"))) {
                        break;
                    }
                } else {
                    received += take(frame, table);
                }
            }
            assertThat(received).isLessThan(1_000);
            assertThat(table).hasSize(keys).containsEntry("k0", "v1990").containsEntry("k9", "v1999");

            producer.send(new ProducerRecord<>("latest", "k3", null)).get();
            assertThat(take(socket.next("data"), table)).isEqualTo(1);
            assertThat(table.get("k3")).isNull();
        }
    }

    @Test
    void samplesWhatChangesTooOftenAndEndsWithTheLastValue() throws Exception {
        try (Socket socket = greeted()) {
            socket.send("{\"type\":\"sub\",\"id\":1,\"topic\":\"sampled\",\"mode\":\"sample\",\"everyMs\":1000,"
                    + "\"credit\":{\"records\":1000,\"bytes\":100000}}");
            assertThat(socket.next("state").getString("state")).isEqualTo("live");
            for (int i = 0; i < 500; i++) {
                var unused = producer.send(new ProducerRecord<>("sampled", "k", "v" + i));
                if (i % 10 == 0) {
                    producer.flush();
                }
            }
            producer.flush();
            Map<String, String> table = new HashMap<>();
            int received = 0;
            while (!"v499".equals(table.get("k"))) {
                received += take(socket.next("data"), table);
            }
            assertThat(received).isLessThan(100);
        }
    }

    private static int take(JsonObject data, Map<String, String> table) {
        JsonArray records = data.getJsonArray("records");
        for (int i = 0; i < records.size(); i++) {
            table.put(
                    records.getJsonObject(i).getString("key"),
                    records.getJsonObject(i).getString("value"));
        }
        return records.size();
    }

    @Test
    void readsPartitionsThatAreAddedToATopic() throws Exception {
        try (Socket socket = greeted()) {
            socket.send(
                    "{\"type\":\"sub\",\"id\":1,\"topic\":\"growing\",\"credit\":{\"records\":100,\"bytes\":100000}}");
            assertThat(socket.next("state").getString("state")).isEqualTo("live");
            admin.createPartitions(Map.of("growing", NewPartitions.increaseTo(3)))
                    .all()
                    .get();
            producer.send(new ProducerRecord<>("growing", 2, null, "in a new one"))
                    .get();
            JsonObject data = socket.next("data");
            assertThat(data.getInteger("partition")).isEqualTo(2);
            assertThat(data.getJsonArray("records").getJsonObject(0).getString("value"))
                    .isEqualTo("in a new one");
        }
    }

    @Test
    void writesOnceWhatIsPublishedAgainAfterABreak() throws Exception {
        String hello = "{\"type\":\"hello\",\"session\":\"0123456789abcdef\"}";
        String publish = "{\"type\":\"pub\",\"seq\":1,\"topic\":\"once\",\"value\":\"v\"}";
        try (Socket socket = Socket.open(HTTP, address("ws", "/v1/socket"))) {
            socket.send(hello);
            assertThat(socket.next("welcome").getBoolean("resumed")).isFalse();
            socket.send(publish); // and gone, without waiting for the answer
        }
        for (int i = 0; i < 3; i++) {
            try (Socket socket = Socket.open(HTTP, address("ws", "/v1/socket"))) {
                socket.send(hello);
                assertThat(socket.next("welcome").getBoolean("resumed")).isTrue();
                socket.send(publish);
                assertThat(socket.next("pubbed").getLong("offset")).isZero();
            }
        }
        try (Socket socket = greeted()) {
            socket.send("{\"type\":\"sub\",\"id\":1,\"topic\":\"once\",\"from\":\"earliest\","
                    + "\"credit\":{\"records\":100,\"bytes\":100000}}");
            assertThat(socket.values(1)).containsExactly("v");
            socket.send("{\"type\":\"ping\"}");
            assertThat(socket.next("data", "pong").getString("type")).isEqualTo("pong");
        }
    }

    @Test
    void sendsNoMoreThanTheCreditAndTheRestWhenThereIsMore() throws Exception {
        produce("credit", 0, 100);
        try (Socket socket = greeted()) {
            socket.send("{\"type\":\"sub\",\"id\":7,\"topic\":\"credit\",\"from\":\"earliest\","
                    + "\"credit\":{\"records\":10,\"bytes\":100000}}");
            assertThat(socket.values(10)).startsWith("v0").endsWith("v9");

            // A pong answers after all that was to be sent before it.
            socket.send("{\"type\":\"ping\"}");
            assertThat(socket.next("data", "pong").getString("type")).isEqualTo("pong");

            socket.send("{\"type\":\"credit\",\"id\":7,\"records\":90,\"bytes\":100000}");
            assertThat(socket.values(90)).startsWith("v10").endsWith("v99");
        }
    }

    @Test
    void resumesWhereATokenSays() throws Exception {
        produce("resumed", 0, 20);
        String token;
        try (Socket socket = greeted()) {
            socket.send("{\"type\":\"sub\",\"id\":1,\"topic\":\"resumed\",\"from\":\"earliest\","
                    + "\"credit\":{\"records\":5,\"bytes\":100000}}");
            token = socket.next("data").getString("token");
        }
        try (Socket socket = greeted()) {
            socket.send("{\"type\":\"sub\",\"id\":1,\"topic\":\"resumed\",\"from\":{\"token\":\"" + token + "\"},"
                    + "\"credit\":{\"records\":100,\"bytes\":100000}}");
            assertThat(socket.values(15)).startsWith("v5").endsWith("v19");
        }
    }

    @Test
    void tellsTheGapThatDeletedRecordsLeave() throws Exception {
        produce("gaps", 0, 20);
        admin.deleteRecords(Map.of(new TopicPartition("gaps", 0), RecordsToDelete.beforeOffset(8)))
                .all()
                .get();
        try (Socket socket = greeted()) {
            socket.send("{\"type\":\"sub\",\"id\":1,\"topic\":\"gaps\",\"from\":{\"offset\":3},"
                    + "\"credit\":{\"records\":100,\"bytes\":100000}}");
            JsonObject gap = socket.next("gap");
            assertThat(gap.getLong("from")).isEqualTo(3);
            assertThat(gap.getLong("to")).isEqualTo(8);
            assertThat(gap.getString("reason")).isEqualTo("retention");
            assertThat(socket.values(12)).startsWith("v8").endsWith("v19");
        }
    }

    @Test
    void everySubscriberAtTheEndGetsWhatIsPublished() throws Exception {
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Socket socket = greeted();
            sockets.add(socket);
            socket.send(
                    "{\"type\":\"sub\",\"id\":1,\"topic\":\"shared\",\"credit\":{\"records\":100,\"bytes\":100000}}");
            assertThat(socket.next("state").getString("state")).isEqualTo("live");
        }
        for (int i = 0; i < 10; i++) {
            Socket publisher = sockets.get(i);
            publisher.send(
                    "{\"type\":\"pub\",\"seq\":" + i + ",\"topic\":\"shared\",\"key\":\"k\",\"value\":\"p" + i + "\"}");
            assertThat(publisher.next("pubbed").getLong("offset")).isEqualTo(i);
        }
        for (int i = 0; i < sockets.size(); i++) {
            assertThat(sockets.get(i).allValues(10))
                    .containsExactly("p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9");
            sockets.get(i).close();
        }
    }

    @Test
    void saysWhyItRefuses() throws Exception {
        try (Socket socket = greeted()) {
            socket.send("{\"type\":\"sub\",\"id\":3,\"topic\":\"nowhere\"}");
            JsonObject unknown = socket.next("err");
            assertThat(unknown.getLong("id")).isEqualTo(3);
            assertThat(unknown.getString("code")).isEqualTo("unknown-topic");
            assertThat(unknown.getBoolean("retriable")).isFalse();

            socket.send("{\"type\":\"pub\",\"seq\":9,\"topic\":\"nowhere\",\"value\":\"x\"}");
            assertThat(socket.next("err").getLong("seq")).isEqualTo(9);

            socket.send("nonsense");
            assertThat(socket.next("err").getString("code")).isEqualTo("bad-frame");
        }
    }

    @Test
    void endsSubscriptionsOfADeletedTopic() throws Exception {
        try (Socket socket = greeted()) {
            socket.send(
                    "{\"type\":\"sub\",\"id\":1,\"topic\":\"doomed\",\"credit\":{\"records\":100,\"bytes\":100000}}");
            assertThat(socket.next("state").getString("state")).isEqualTo("live");
            admin.deleteTopics(List.of("doomed")).all().get();
            assertThat(socket.next("err").getString("code")).isEqualTo("unknown-topic");
        }
    }

    @Test
    void refusesPagesOfOtherOrigins() {
        try {
            HTTP.newWebSocketBuilder()
                    .header("Origin", "https://evil.example")
                    .buildAsync(address("ws", "/v1/socket"), new Socket())
                    .join();
            throw new AssertionError("it was let in");
        } catch (CompletionException refused) {
            assertThat(refused.getCause()).isInstanceOf(WebSocketHandshakeException.class);
            assertThat(((WebSocketHandshakeException) refused.getCause())
                            .getResponse()
                            .statusCode())
                    .isEqualTo(403);
        }
    }

    @Test
    void eventsTellTheLatestOfEachKeyToWhomThatIsEnough() throws Exception {
        create("table", 1);
        StringBuilder batch = new StringBuilder("[");
        for (int i = 0; i < 100; i++) {
            batch.append(i == 0 ? "" : ",").append("{\"key\":\"k" + i % 2 + "\",\"value\":\"v" + i + "\"}");
        }
        assertThat(post("table", batch.append("]").toString()).statusCode()).isEqualTo(200);
        List<String> lines = events(
                "/v1/topics/table/records?from=earliest&mode=latest-per-key", null, "data: {\"partition\":0,\"off", 2);
        assertThat(lines.stream().filter(line -> line.contains("\"value\"")).toList())
                .hasSize(2)
                .anyMatch(line -> line.contains("\"v98\""))
                .anyMatch(line -> line.contains("\"v99\""));
        HttpResponse<String> refused = HTTP.send(
                HttpRequest.newBuilder(address("http", "/v1/topics/table/records?mode=sample"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(refused.statusCode()).isEqualTo(400);
    }

    @Test
    void postsABatchAndStreamsItAsEvents() throws Exception {
        HttpResponse<String> posted =
                post("events", "[{\"key\":\"a\",\"value\":\"one\"},{\"value\":{\"json\":{\"n\":2}}}]");
        assertThat(posted.statusCode()).as(posted.body()).isEqualTo(200);
        assertThat(new JsonObject(posted.body())
                        .getJsonArray("results")
                        .getJsonObject(1)
                        .getLong("offset"))
                .isEqualTo(1);

        List<String> lines = events("/v1/topics/events/records?from=earliest", null, "id: ", 2);
        assertThat(lines).anyMatch(line -> line.startsWith("data: ") && line.contains("\"value\":\"one\""));
        assertThat(lines).anyMatch(line -> line.startsWith("data: ") && line.contains("\"value\":\"{\\\"n\\\":2}\""));

        String last = lines.get(lines.size() - 1).substring("id: ".length());
        assertThat(post("events", "{\"value\":\"three\"}").statusCode()).isEqualTo(200);
        assertThat(events("/v1/topics/events/records", last, "data: {\"partition\":0,", 1))
                .noneMatch(line -> line.contains("one"))
                .anyMatch(line -> line.contains("\"value\":\"three\""));
    }

    @Test
    void answersRequests() throws Exception {
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
        assertThat(get("/v1/topics").body()).contains("\"name\":\"replay\"").contains("\"partitions\":3");
        assertThat(get("/client.js").body()).contains("export function connect");
        assertThat(get("/").body()).contains("console/app.js");
        assertThat(get("/../client.js").statusCode()).isEqualTo(404);
        assertThat(get("/v1/topics/nowhere/records").statusCode()).isEqualTo(404);
        assertThat(get("/rest/api/producerMsg?message=hello").statusCode()).isEqualTo(200);
        assertThat(post("nowhere", "{\"value\":\"x\"}").statusCode()).isEqualTo(404);
        assertThat(post("published", "{\"value\":5}").statusCode()).isEqualTo(400);
        assertThat(post("published", "{\"value\":\"" + "x".repeat(3 << 20) + "\"}")
                        .statusCode())
                .isEqualTo(413);
    }

    private static int port(String listener) {
        return broker.ports().getOrDefault(listener, 0);
    }

    private static URI address(String scheme, String path) {
        return URI.create(scheme + "://localhost:" + port(Broker.HTTP) + path);
    }

    private static Socket greeted() throws Exception {
        Socket socket = Socket.open(HTTP, address("ws", "/v1/socket"));
        socket.send("{\"type\":\"hello\"}");
        assertThat(socket.next("welcome").getInteger("node")).isNotNull();
        return socket;
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return HTTP.send(HttpRequest.newBuilder(address("http", path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(String topic, String body) throws Exception {
        return HTTP.send(
                HttpRequest.newBuilder(address("http", "/v1/topics/" + topic + "/records"))
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Lines of a stream until so many begin with {@code until}. */
    private static List<String> events(String path, String lastEventId, String until, int times) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(address("http", path));
        if (lastEventId != null) {
            request.header("Last-Event-ID", lastEventId);
        }
        List<String> lines = new ArrayList<>();
        try (BufferedReader body = new BufferedReader(new InputStreamReader(
                HTTP.send(request.build(), HttpResponse.BodyHandlers.ofInputStream())
                        .body(),
                StandardCharsets.UTF_8))) {
            int found = 0;
            while (found < times) {
                String line = body.readLine();
                assertThat(line).as("after %s", lines).isNotNull();
                lines.add(line);
                found += line.startsWith(until) ? 1 : 0;
            }
        }
        return lines;
    }

    private static void create(String topic, int partitions) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
                .all()
                .get();
    }

    private static void produce(String topic, int from, int to) {
        for (int i = from; i < to; i++) {
            var unused = producer.send(new ProducerRecord<>(topic, "k" + i, "v" + i));
        }
        producer.flush();
    }
}
