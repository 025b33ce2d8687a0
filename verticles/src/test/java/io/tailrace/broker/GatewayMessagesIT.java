// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What RFC 6455 asks of the gateway's sockets, and messages of any length, over real sockets. */
@Timeout(120)
final class GatewayMessagesIT {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final int PATIENCE_S = 60;
    private static final int FRAME_BYTES = 2 << 20;

    @TempDir
    static Path dir;

    private static BrokerFixture node;

    @BeforeAll
    static void start() {
        node = BrokerFixture.start(dir, "socket.request.max.bytes", "104857600");
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @Test
    void aMessageInFragmentsWithPingsBetweenThemIsOne() throws Exception {
        try (Wire wire = new Wire()) {
            wire.socket.sendText("{\"type\":", false).join();
            wire.socket.sendPing(ByteBuffer.wrap(new byte[] {1, 2, 3})).join();
            wire.socket.sendText("\"hel", false).join();
            wire.socket.sendText("lo\"}", true).join();

            assertThat(wire.next().getString("type")).isEqualTo("welcome");
            assertThat(wire.pongs.poll(PATIENCE_S, TimeUnit.SECONDS)).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        }
    }

    @Test
    void aMessageAsLongAsAllowedIsRead() throws Exception {
        try (Wire wire = new Wire()) {
            String hello = "{\"type\":\"hello\",\"later\":\"\"}";
            wire.send(hello.replace("\"\"", '"' + "x".repeat(FRAME_BYTES - hello.length()) + '"'));

            assertThat(wire.next().getString("type")).isEqualTo("welcome");
        }
    }

    @Test
    void aMessageThatIsTooLongEndsTheConnection() throws Exception {
        try (Wire wire = new Wire()) {
            // The server may hang up before the end of it is sent.
            wire.socket.sendText("x".repeat(FRAME_BYTES + 1), true).exceptionally(lost -> wire.socket);

            assertThat(wire.closed.get(PATIENCE_S, TimeUnit.SECONDS)).isEqualTo(1009);
        }
    }

    @Test
    void fragmentsThatAreTooLongTogetherEndTheConnection() throws Exception {
        try (Wire wire = new Wire()) {
            for (int i = 0; i < 3; i++) {
                wire.socket.sendText("x".repeat(FRAME_BYTES / 2), false).exceptionally(lost -> wire.socket);
            }

            assertThat(wire.closed.get(PATIENCE_S, TimeUnit.SECONDS)).isEqualTo(1009);
        }
    }

    @Test
    void whoSaysGoodbyeIsAnsweredInKind() throws Exception {
        try (Wire wire = greeted()) {
            wire.socket.sendClose(4711, "enough").join();

            assertThat(wire.closed.get(PATIENCE_S, TimeUnit.SECONDS)).isEqualTo(4711);
        }
    }

    @Test
    void bytesWhereTextIsSpokenEndTheConnection() throws Exception {
        try (Wire wire = greeted()) {
            wire.socket.sendBinary(ByteBuffer.wrap(new byte[1]), true).join();

            assertThat(wire.closed.get(PATIENCE_S, TimeUnit.SECONDS)).isEqualTo(1003);
        }
    }

    @Test
    void largeRecordsComeWholeAndInTheirPlaceToAll() throws Exception {
        node.topic("large", 1, "max.message.bytes", "16000000");
        node.topic("beside", 1);
        String large = "0123456789abcdef".repeat(400_000);
        List<Wire> wires = new ArrayList<>();
        try (KafkaProducer<byte[], byte[]> producer =
                node.producer("max.request.size", "16000000", "buffer.memory", "64000000", "batch.size", "0")) {
            for (int i = 0; i < 10; i++) {
                Wire wire = greeted();
                wires.add(wire);
                wire.send(
                        "{\"type\":\"sub\",\"id\":1,\"topic\":\"large\",\"credit\":{\"records\":100,\"bytes\":100000000}}");
                wire.send(
                        "{\"type\":\"sub\",\"id\":2,\"topic\":\"beside\",\"credit\":{\"records\":100,\"bytes\":100000}}");
                wire.until("state");
                wire.until("state");
            }
            for (String value : List.of("first", large, "between", large + "!", "last")) {
                producer.send(new ProducerRecord<>("large", value.getBytes(StandardCharsets.UTF_8)));
                producer.send(new ProducerRecord<>("beside", "b".getBytes(StandardCharsets.UTF_8)));
            }
            producer.flush();
            for (Wire wire : wires) {
                // The bound of what a connection may be silent for would end one whose messages got stuck.
                wire.send("{\"type\":\"ping\"}");
                List<String> values = new ArrayList<>();
                int beside = 0;
                while (values.size() < 5 || beside < 5) {
                    JsonObject data = wire.until("data");
                    int count = data.getJsonArray("records").size();
                    if (data.getInteger("id") == 1) {
                        for (int i = 0; i < count; i++) {
                            values.add(data.getJsonArray("records")
                                    .getJsonObject(i)
                                    .getString("value"));
                        }
                    } else {
                        beside += count;
                    }
                }
                assertThat(values.equals(List.of("first", large, "between", large + "!", "last")))
                        .as("lengths: %s", values.stream().map(String::length).toList())
                        .isTrue();
            }
        } finally {
            wires.forEach(Wire::close);
        }
    }

    private static Wire greeted() throws Exception {
        Wire wire = new Wire();
        wire.send("{\"type\":\"hello\"}");
        assertThat(wire.next().getString("type")).isEqualTo("welcome");
        return wire;
    }

    /** The JDK's WebSocket. */
    private static final class Wire implements WebSocket.Listener, AutoCloseable {

        private final BlockingQueue<JsonObject> frames = new LinkedBlockingQueue<>();
        private final BlockingQueue<ByteBuffer> pongs = new LinkedBlockingQueue<>();
        private final CompletableFuture<Integer> closed = new CompletableFuture<>();
        private final StringBuilder partial = new StringBuilder();
        private final WebSocket socket;

        Wire() {
            socket = HTTP.newWebSocketBuilder()
                    .subprotocols("tailrace.v1.json")
                    .buildAsync(URI.create("ws://127.0.0.1:" + node.httpPort() + "/v1/socket"), this)
                    .join();
        }

        void send(String text) {
            socket.sendText(text, true).join();
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
        public CompletionStage<?> onPong(WebSocket from, ByteBuffer message) {
            pongs.add(ByteBuffer.allocate(message.remaining()).put(message).flip());
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
            closed.complete(status);
            return null;
        }

        JsonObject next() throws InterruptedException {
            JsonObject frame = frames.poll(PATIENCE_S, TimeUnit.SECONDS);
            assertThat(frame).as("nothing came any more").isNotNull();
            return frame;
        }

        JsonObject until(String type) throws InterruptedException {
            JsonObject frame = next();
            while (!frame.getString("type").equals(type)) {
                frame = next();
            }
            return frame;
        }

        @Override
        public void close() {
            socket.abort();
        }
    }
}
