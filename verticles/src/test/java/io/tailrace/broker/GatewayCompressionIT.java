// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static io.tailrace.broker.RawSocket.BINARY;
import static io.tailrace.broker.RawSocket.CONTINUED;
import static io.tailrace.broker.RawSocket.FINAL;
import static io.tailrace.broker.RawSocket.PING;
import static io.tailrace.broker.RawSocket.RSV1;
import static io.tailrace.broker.RawSocket.TEXT;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.RawSocket.Message;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records compressed on the way (RFC 7692), frame by frame. That a browser reads them, the browser tests show. */
@Timeout(180)
final class GatewayCompressionIT {

    private static final String OFFER = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits";
    private static final String BINARY_FRAMES = "Sec-WebSocket-Protocol: tailrace.v1.bin";
    private static final int LARGEST = 4 << 20;
    private static final int PATIENCE_S = 60;

    @TempDir
    static Path dir;

    private static BrokerFixture node;

    @BeforeAll
    static void start() {
        node = BrokerFixture.start(dir, "http.compression.enable", "true");
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    private static RawSocket greeted(String... headers) throws IOException {
        RawSocket wire = new RawSocket(node.httpPort(), headers);
        wire.send("{\"type\":\"hello\"}");
        assertThat(wire.message().json().getString("type")).isEqualTo("welcome");
        return wire;
    }

    private static String subscribe(String topic, int id) {
        return "{\"type\":\"sub\",\"id\":" + id + ",\"topic\":\"" + topic
                + "\",\"from\":\"earliest\",\"credit\":{\"records\":100,\"bytes\":10000000}}";
    }

    private static RawSocket subscriber(String topic, int id, String... headers) throws IOException {
        RawSocket wire = greeted(headers);
        wire.send(subscribe(topic, id));
        for (Message it = wire.message(); !it.json().encode().contains("\"live\""); it = wire.message()) {}
        return wire;
    }

    /** Short ones, ones that shrink a lot, and one that goes in fragments although it shrinks. */
    private static List<String> values() {
        List<String> values = new ArrayList<>(List.of("a", "b".repeat(5_000), "c".repeat(300_000)));
        StringBuilder noise = new StringBuilder();
        new Random(1).ints(600_000, '#', '[').forEach(letter -> noise.append((char) letter));
        values.add(noise.toString());
        values.add("d");
        return values;
    }

    private static void produce(String topic) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = node.producer("max.request.size", Integer.toString(LARGEST))) {
            for (String value : values()) {
                producer.send(new ProducerRecord<>(topic, value.getBytes(StandardCharsets.US_ASCII)))
                        .get(PATIENCE_S, TimeUnit.SECONDS);
            }
        }
    }

    private static List<String> values(JsonObject data) {
        JsonArray records = data.getJsonArray("records");
        List<String> values = new ArrayList<>();
        for (int i = 0; i < records.size(); i++) {
            values.add(records.getJsonObject(i).getString("value"));
        }
        return values;
    }

    /** The messages with all the records. */
    private static List<Message> data(RawSocket wire) throws IOException {
        List<Message> messages = new ArrayList<>();
        List<String> values = new ArrayList<>();
        while (values.size() < values().size()) {
            Message message = wire.message();
            if (message.json().getString("type").equals("data")) {
                messages.add(message);
                values.addAll(values(message.json()));
            }
        }
        // A comparison that fails must not print them.
        assertThat(values.equals(values())).isTrue();
        return messages;
    }

    @Test
    void theSameRecordsComeCompressedAndNot() throws Exception {
        node.topic("live", 1, "max.message.bytes", Integer.toString(LARGEST));
        try (RawSocket one = subscriber("live", 1, OFFER);
                RawSocket other = subscriber("live", 70_000, OFFER);
                RawSocket plain = subscriber("live", 1)) {
            produce("live");

            List<Message> packed = data(one);
            List<Message> same = data(other);
            assertThat(data(plain)).noneMatch(Message::isPacked);
            assertThat(packed).allMatch(Message::isPacked);
            assertThat(packed.stream().mapToInt(it -> it.payload().length).sum())
                    .isLessThan(values().stream().mapToInt(String::length).sum() * 3 / 4);
            for (int i = 0; i < packed.size(); i++) {
                assertThat(shared(same.get(i), 70_000)).isEqualTo(shared(packed.get(i), 1));
            }
            List<Integer> fragments = packed.stream()
                    .map(Message::frames)
                    .filter(it -> it.size() > 2)
                    .findFirst()
                    .orElseThrow();
            assertThat(fragments).startsWith(RSV1 | TEXT, CONTINUED).endsWith(FINAL | CONTINUED);
        }
        try (RawSocket late = greeted(OFFER)) {
            late.send(subscribe("live", 3));
            assertThat(data(late)).allMatch(Message::isPacked);
        }
    }

    /** What stands behind the stored block with the subscription's id. */
    private static byte[] shared(Message message, int id) {
        int head = 5 + ("{\"type\":\"data\",\"id\":" + id + ",").length();
        return Arrays.copyOfRange(message.payload(), head, message.payload().length);
    }

    @Test
    void theBinarySubProtocolIsCompressedToo() throws Exception {
        node.topic("binary", 1, "max.message.bytes", Integer.toString(LARGEST));
        produce("binary");
        try (RawSocket packed = greeted(OFFER, BINARY_FRAMES);
                RawSocket plain = greeted(BINARY_FRAMES)) {
            packed.send(subscribe("binary", 200));
            plain.send(subscribe("binary", 200));

            byte[] bytes = binary(plain, false);
            assertThat(Arrays.equals(binary(packed, true), bytes)).isTrue();
            assertThat(bytes.length)
                    .isGreaterThan(values().stream().mapToInt(String::length).sum());
        }
    }

    private static byte[] binary(RawSocket wire, boolean packed) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (all.size() < values().stream().mapToInt(String::length).sum()) {
            Message message = wire.message();
            if ((message.frames().get(0) & 0xF) == BINARY) {
                assertThat(message.isPacked()).isEqualTo(packed);
                all.writeBytes(message.content());
            }
        }
        return all.toByteArray();
    }

    @Test
    void itIsAgreedOnOnlyWithWhoOffersIt() throws Exception {
        try (RawSocket offering = greeted(OFFER);
                RawSocket silent = greeted();
                RawSocket narrow = greeted("Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9")) {
            assertThat(offering.answer())
                    .anyMatch(line -> line.equalsIgnoreCase("sec-websocket-extensions: permessage-deflate;"
                            + " server_no_context_takeover; client_no_context_takeover"));
            assertThat(silent.answer()).noneMatch(line -> line.contains("permessage-deflate"));
            assertThat(narrow.answer()).noneMatch(line -> line.contains("permessage-deflate"));
        }
    }

    private static byte[] packed(byte[] message) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        deflater.setInput(message);
        byte[] out = new byte[message.length + 100];
        int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return Arrays.copyOf(out, length - 4);
    }

    @Test
    void whatClientsCompressIsReadWholeOrInFragments() throws Exception {
        byte[] ping = packed("{\"type\":\"ping\"}".getBytes(StandardCharsets.US_ASCII));
        try (RawSocket wire = greeted(OFFER)) {
            wire.send(FINAL | RSV1 | TEXT, ping);
            assertThat(wire.message().json().getString("type")).isEqualTo("pong");

            wire.send(RSV1 | TEXT, Arrays.copyOf(ping, 3));
            wire.send(FINAL | PING, new byte[0]);
            wire.send(FINAL | CONTINUED, Arrays.copyOfRange(ping, 3, ping.length));
            assertThat(wire.message().json().getString("type")).isEqualTo("pong");

            wire.send("{\"type\":\"ping\"}");
            assertThat(wire.message().json().getString("type")).isEqualTo("pong");
        }
    }

    @Test
    void aBombEndsItsConnectionAndNothingElse() throws Exception {
        byte[] bomb = packed(" ".repeat(30 << 20).getBytes(StandardCharsets.US_ASCII));
        assertThat(bomb.length).isLessThan(100_000);
        try (RawSocket wire = greeted(OFFER);
                RawSocket beside = greeted(OFFER)) {
            wire.send(FINAL | RSV1 | TEXT, bomb);

            assertThat(wire.closeStatus()).isEqualTo(1009);
            beside.send(FINAL | RSV1 | TEXT, packed("{\"type\":\"ping\"}".getBytes(StandardCharsets.US_ASCII)));
            assertThat(beside.message().json().getString("type")).isEqualTo("pong");
        }
    }

    @Test
    void whatCannotBeUnpackedEndsTheConnection() throws Exception {
        try (RawSocket wire = greeted(OFFER)) {
            wire.send(FINAL | RSV1 | TEXT, new byte[] {7, 7, 7, 7, 7, 7, 7});

            assertThat(wire.closeStatus()).isEqualTo(1007);
        }
    }

    @Test
    void aFrameThatIsTooLongEndsTheConnectionAsWithoutCompression() throws Exception {
        try (RawSocket wire = greeted(OFFER)) {
            wire.send(FINAL | TEXT, new byte[(2 << 20) + 1]);

            assertThat(wire.closeStatus()).isEqualTo(1009);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {FINAL | RSV1 | PING, FINAL | 0x20 | TEXT, FINAL | 0x10 | TEXT, FINAL | RSV1 | 0x20 | TEXT})
    void aReservedBitWithoutMeaningEndsTheConnection(int first) throws Exception {
        try (RawSocket wire = greeted(OFFER)) {
            wire.send(first, new byte[] {0});

            assertThat(wire.closeStatus()).isEqualTo(1002);
        }
    }

    @Test
    void onlyTheFirstFragmentSaysThatAMessageIsCompressed() throws Exception {
        try (RawSocket wire = greeted(OFFER)) {
            wire.send(TEXT, new byte[] {'{'});
            wire.send(FINAL | RSV1 | CONTINUED, new byte[] {'}'});

            assertThat(wire.closeStatus()).isEqualTo(1002);
        }
    }

    @Test
    void whoDidNotAgreeMayNotCompress() throws Exception {
        try (RawSocket wire = greeted()) {
            wire.send(FINAL | RSV1 | TEXT, packed("{\"type\":\"ping\"}".getBytes(StandardCharsets.US_ASCII)));

            assertThat(wire.closeStatus()).isEqualTo(1002);
        }
    }
}
