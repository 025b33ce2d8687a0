// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a node with signal 9 while a WebSocket writes to it, and lets the client come back and send again what it has no answer to, as the
 * protocol says. Each record has to be there once, in order, where its answer said.
 */
@Timeout(300)
class PublishKillIT {

    private static final int KILLS = 3;
    private static final int RECORDS = 2_400;
    private static final int WINDOW = 200;
    private static final int PARTITIONS = 3;

    @TempDir
    Path dir;

    private int port;
    private int httpPort;
    private final HttpClient http = HttpClient.newHttpClient();

    private final TreeMap<Integer, String> unanswered = new TreeMap<>();
    private final Map<String, String> receipts = new HashMap<>();
    private final Map<Integer, JsonObject> answers = new HashMap<>();
    private String producer;
    private Connection connection;

    @Test
    void writesEachRecordOnceThoughTheNodeIsKilled() throws Exception {
        port = FreePorts.one();
        httpPort = FreePorts.one();
        Path data = Files.createDirectory(dir.resolve("data"));
        NodeProcess node = launch(data);
        try {
            connect();
            topic();
            int next = 1;
            for (int kill = 1; answers.size() < RECORDS; ) {
                while (unanswered.size() < WINDOW && next <= RECORDS) {
                    // By turns with a key and without one, which goes to the same partition each time.
                    String key = next % 2 == 0 ? ",\"key\":\"k" + next % 7 + "\"" : "";
                    unanswered.put(
                            next,
                            "{\"type\":\"pub\",\"seq\":" + next + ",\"topic\":\"once\",\"value\":\"" + next + "\"" + key
                                    + "}");
                    connection.send(unanswered.get(next++));
                }
                if (kill <= KILLS && answers.size() > kill * RECORDS / (KILLS + 1)) {
                    kill++;
                    node.close();
                    hearTheRest();
                    node = launch(data);
                    connect();
                } else {
                    hear(connection.next());
                }
            }
            check();
        } finally {
            node.close();
        }
    }

    private NodeProcess launch(Path data) throws Exception {
        return NodeProcess.launch(data, port, "http.port", Integer.toString(httpPort));
    }

    private void topic() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + port))) {
            admin.createTopics(List.of(new NewTopic("once", PARTITIONS, (short) 1)))
                    .all()
                    .get(60, TimeUnit.SECONDS);
        }
    }

    /** As a client comes back: with what it was told last, and then, in order, with all that it has no answer to. */
    private void connect() throws Exception {
        while (true) {
            try {
                connection = new Connection(http, URI.create("ws://127.0.0.1:" + httpPort + "/v1/socket"));
                break;
            } catch (CompletionException notYet) {
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
        JsonObject hello = new JsonObject()
                .put("type", "hello")
                .put("session", "0123456789abcdef")
                .put("receipts", new JsonArray(new ArrayList<>(receipts.values())));
        if (producer != null) {
            hello.put("producer", producer);
        }
        connection.send(hello.encode());
        JsonObject welcome = connection.next();
        assertThat(welcome.getString("type")).isEqualTo("welcome");
        assertThat(welcome.getBoolean("resumed")).isEqualTo(producer != null);
        unanswered.values().forEach(connection::send);
    }

    private void hearTheRest() throws InterruptedException {
        for (JsonObject frame = connection.next(); frame != Connection.END; frame = connection.next()) {
            hear(frame);
        }
    }

    private void hear(JsonObject frame) {
        switch (frame.getString("type")) {
            case "producer" -> {
                producer = frame.getString("producer");
                receipts.clear();
            }
            case "pubbed" -> {
                int seq = frame.getInteger("seq");
                assertThat(unanswered.remove(seq)).isNotNull();
                answers.put(seq, frame);
                receipts.put("once/" + frame.getInteger("partition"), frame.getString("receipt"));
            }
            default -> throw new AssertionError(frame.encode());
        }
    }

    private void check() {
        List<TopicPartition> partitions = IntStream.range(0, PARTITIONS)
                .mapToObj(index -> new TopicPartition("once", index))
                .toList();
        List<Integer> values = new ArrayList<>();
        Map<Integer, Integer> lastOfPartition = new HashMap<>();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", "127.0.0.1:" + port), new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(it -> consumer.position(it) < ends.get(it))) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
                    int value = Integer.parseInt(record.value());
                    JsonObject answer = answers.get(value);
                    assertThat(answer.getInteger("partition")).isEqualTo(record.partition());
                    assertThat(answer.getLong("offset", record.offset())).isEqualTo(record.offset());
                    assertThat(value).isGreaterThan(lastOfPartition.getOrDefault(record.partition(), 0));
                    lastOfPartition.put(record.partition(), value);
                    values.add(value);
                }
            }
        }
        assertThat(values)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.rangeClosed(1, RECORDS).boxed().toList());
    }

    private static final class Connection implements WebSocket.Listener {

        static final JsonObject END = new JsonObject().put("type", "end");

        private final BlockingQueue<JsonObject> frames = new LinkedBlockingQueue<>();
        private final StringBuilder partial = new StringBuilder();
        private final WebSocket socket;

        Connection(HttpClient client, URI address) {
            socket = client.newWebSocketBuilder().buildAsync(address, this).join();
        }

        void send(String text) {
            try {
                socket.sendText(text, true).join();
            } catch (CompletionException broken) {
                // It will be sent again: there is no answer to it.
                assertThat(broken).hasCauseInstanceOf(java.io.IOException.class);
            }
        }

        JsonObject next() throws InterruptedException {
            JsonObject frame = frames.poll(60, TimeUnit.SECONDS);
            assertThat(frame).as("nothing came any more").isNotNull();
            return frame;
        }

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            partial.append(part);
            if (last) {
                frames.add(new JsonObject(partial.toString()));
                partial.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable failure) {
            frames.add(END);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
            frames.add(END);
            return null;
        }
    }
}
