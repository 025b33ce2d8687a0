// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
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
        try (Socket wire = open()) {
            wire.raw().sendText("{\"type\":", false).join();
            wire.raw().sendPing(ByteBuffer.wrap(new byte[] {1, 2, 3})).join();
            wire.raw().sendText("\"hel", false).join();
            wire.raw().sendText("lo\"}", true).join();

            assertThat(wire.next().getString("type")).isEqualTo("welcome");
            assertThat(wire.nextPong()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        }
    }

    @Test
    void aMessageAsLongAsAllowedIsRead() throws Exception {
        try (Socket wire = open()) {
            String hello = "{\"type\":\"hello\",\"later\":\"\"}";
            wire.send(hello.replace("\"\"", '"' + "x".repeat(FRAME_BYTES - hello.length()) + '"'));

            assertThat(wire.next().getString("type")).isEqualTo("welcome");
        }
    }

    @Test
    void aMessageThatIsTooLongEndsTheConnection() throws Exception {
        try (Socket wire = greeted()) {
            // The server may hang up before the end of it is sent.
            wire.raw().sendText("x".repeat(FRAME_BYTES + 1), true).exceptionally(lost -> wire.raw());

            assertThat(wire.closeStatus()).isEqualTo(1009);
        }
    }

    @Test
    void fragmentsThatAreTooLongTogetherEndTheConnection() throws Exception {
        try (Socket wire = greeted()) {
            String half = "x".repeat(FRAME_BYTES / 2);
            // One after the other, as this client wants it. The server may hang up before the end of them is sent.
            wire.raw()
                    .sendText(half, false)
                    .thenCompose(sent -> sent.sendText(half, false))
                    .thenCompose(sent -> sent.sendText(half, false))
                    .exceptionally(lost -> wire.raw());

            assertThat(wire.closeStatus()).isEqualTo(1009);
        }
    }

    @Test
    void whoSaysGoodbyeIsAnsweredInKind() throws Exception {
        try (Socket wire = greeted()) {
            wire.raw().sendClose(4711, "enough").join();

            assertThat(wire.closeStatus()).isEqualTo(4711);
        }
    }

    @Test
    void bytesWhereTextIsSpokenEndTheConnection() throws Exception {
        try (Socket wire = greeted()) {
            wire.raw().sendBinary(ByteBuffer.wrap(new byte[1]), true).join();

            assertThat(wire.closeStatus()).isEqualTo(1003);
        }
    }

    @Test
    void largeRecordsComeWholeAndInTheirPlaceToAll() throws Exception {
        node.topic("large", 1, "max.message.bytes", "16000000");
        node.topic("beside", 1);
        String large = "0123456789abcdef".repeat(400_000);
        List<Socket> wires = new ArrayList<>();
        try (KafkaProducer<byte[], byte[]> producer =
                node.producer("max.request.size", "16000000", "buffer.memory", "64000000", "batch.size", "0")) {
            for (int i = 0; i < 10; i++) {
                Socket wire = greeted();
                wires.add(wire);
                wire.send(
                        "{\"type\":\"sub\",\"id\":1,\"topic\":\"large\",\"credit\":{\"records\":100,\"bytes\":100000000}}");
                wire.send(
                        "{\"type\":\"sub\",\"id\":2,\"topic\":\"beside\",\"credit\":{\"records\":100,\"bytes\":100000}}");
                wire.next("state");
                wire.next("state");
            }
            for (String value : List.of("first", large, "between", large + "!", "last")) {
                producer.send(new ProducerRecord<>("large", value.getBytes(StandardCharsets.UTF_8)));
                producer.send(new ProducerRecord<>("beside", "b".getBytes(StandardCharsets.UTF_8)));
            }
            producer.flush();
            for (Socket wire : wires) {
                // The bound of what a connection may be silent for would end one whose messages got stuck.
                wire.send("{\"type\":\"ping\"}");
                List<String> values = new ArrayList<>();
                int beside = 0;
                while (values.size() < 5 || beside < 5) {
                    JsonObject data = wire.next("data");
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
            wires.forEach(Socket::close);
        }
    }

    @Test
    void largeRecordsComeWholeAsEventsToo() throws Exception {
        node.topic("events", 1, "max.message.bytes", "16000000");
        String large = "0123456789abcdef".repeat(400_000);
        List<String> sent = List.of("first", large, "between", large + "!", "last");
        try (KafkaProducer<byte[], byte[]> producer =
                node.producer("max.request.size", "16000000", "buffer.memory", "64000000", "batch.size", "0")) {
            sent.forEach(
                    value -> producer.send(new ProducerRecord<>("events", value.getBytes(StandardCharsets.UTF_8))));
            producer.flush();
        }
        URI address = URI.create("http://127.0.0.1:" + node.httpPort() + "/v1/topics/events/records?from=earliest");
        for (int reader = 0; reader < 3; reader++) {
            HttpResponse<Stream<String>> response =
                    HTTP.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofLines());
            try (Stream<String> lines = response.body()) {
                List<String> values = lines.filter(line -> line.startsWith("data: {\"partition\":0,\"offset\""))
                        .limit(sent.size())
                        .map(line -> new JsonObject(line.substring(6)).getString("value"))
                        .toList();
                assertThat(values.equals(sent))
                        .as("lengths: %s", values.stream().map(String::length).toList())
                        .isTrue();
            }
        }
    }

    private static Socket open() {
        return Socket.open(HTTP, URI.create("ws://127.0.0.1:" + node.httpPort() + "/v1/socket"));
    }

    private static Socket greeted() throws Exception {
        Socket wire = open();
        wire.send("{\"type\":\"hello\"}");
        assertThat(wire.next().getString("type")).isEqualTo("welcome");
        return wire;
    }
}
