// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The binary sub-protocol, with a client written after docs/gateway-protocol.md and nothing else. */
@Timeout(120)
final class GatewayBinaryIT {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final int COUNT = 500;

    @TempDir
    static Path dir;

    private static BrokerFixture node;

    @BeforeAll
    static void start() {
        node = BrokerFixture.start(dir);
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    /** A record as the protocol has it. */
    private record Rec(long offset, long timestamp, byte[] key, byte[] value, List<String> headers) {}

    @Test
    void carriesAnyBytesInReplayAndLive() throws Exception {
        node.topic("bytes", 1);
        List<ProducerRecord<byte[], byte[]>> sent = records(COUNT);
        try (Socket wire = greeted();
                KafkaProducer<byte[], byte[]> producer = node.producer()) {
            for (ProducerRecord<byte[], byte[]> record : sent.subList(0, COUNT / 2)) {
                producer.send(record).get(60, TimeUnit.SECONDS);
            }
            wire.send("{\"type\":\"sub\",\"id\":5,\"topic\":\"bytes\",\"from\":\"earliest\"}");
            wire.send(new Out().octet(2).number(5).number(100).number(50_000).message());
            List<Rec> got = new ArrayList<>();
            boolean more = false;
            long next = 0;
            while (got.size() < COUNT) {
                ByteBuffer data = data(wire);
                assertThat(In.number(data)).as("id").isEqualTo(5);
                assertThat(In.number(data)).as("partition").isZero();
                int before = got.size();
                for (long length = In.number(data); length > 0; length = In.number(data)) {
                    ByteBuffer record = data.slice(data.position(), (int) length);
                    data.position(data.position() + (int) length);
                    got.add(In.record(record));
                }
                next = In.number(data);
                long bytes = In.number(data);
                assertThat(In.text(data)).as("token").isNotEmpty();
                assertThat(data.hasRemaining()).isFalse();
                wire.send(new Out()
                        .octet(2)
                        .number(5)
                        .number(got.size() - before)
                        .number(bytes)
                        .message());
                if (!more && got.size() > COUNT / 4) {
                    more = true;
                    sent.subList(COUNT / 2, COUNT).forEach(producer::send);
                }
            }
            assertThat(next).isEqualTo(COUNT);
            for (int i = 0; i < COUNT; i++) {
                Rec record = got.get(i);
                assertThat(record.offset).isEqualTo(i);
                assertThat(record.timestamp).isEqualTo(sent.get(i).timestamp());
                assertThat(record.key).isEqualTo(sent.get(i).key());
                assertThat(record.value).isEqualTo(sent.get(i).value());
                assertThat(record.headers).isEqualTo(headers(sent.get(i).headers()));
            }
        }
    }

    @Test
    void writesAnyBytes() throws Exception {
        TopicPartition partition = node.topic("written", 1);
        byte[] key = {0, -1, 'k'};
        try (Socket wire = greeted();
                KafkaConsumer<byte[], byte[]> consumer = node.consumer(partition)) {
            wire.send(new Out()
                    .octet(3)
                    .number(1_000_000)
                    .text("written")
                    .number(1)
                    .bytes(key)
                    .bytes(null)
                    .number(1)
                    .text("h")
                    .bytes(new byte[] {-128})
                    .message());
            wire.send(new Out()
                    .octet(3)
                    .number(1_000_001)
                    .text("written")
                    .number(0)
                    .bytes(null)
                    .bytes(new byte[0])
                    .number(0)
                    .message());
            for (int i = 0; i < 2; i++) {
                ByteBuffer answer = wire.nextBinary();
                assertThat(answer.get()).as("pubbed").isEqualTo((byte) 4);
                long seq = In.number(answer);
                assertThat(In.number(answer)).as("partition").isZero();
                assertThat(In.number(answer)).as("offset").isEqualTo(seq - 1_000_000);
            }
            List<ConsumerRecord<byte[], byte[]>> found = BrokerFixture.poll(consumer, 2);
            assertThat(found.get(0).key()).isEqualTo(key);
            assertThat(found.get(0).value()).isNull();
            assertThat(headers(found.get(0).headers())).containsExactly("h=80");
            assertThat(found.get(1).key()).isNull();
            assertThat(found.get(1).value()).isEmpty();
        }
    }

    @Test
    void saysWhatIsWrongInText() throws Exception {
        try (Socket wire = greeted()) {
            wire.send(new Out().octet(77).message());
            assertThat(wire.next().getString("code")).isEqualTo("unsupported");
            wire.send(new Out()
                    .octet(3)
                    .number(1)
                    .text("nowhere")
                    .number(0)
                    .bytes(null)
                    .bytes(null)
                    .number(0)
                    .message());
            JsonObject refused = wire.next();
            assertThat(refused.getString("code")).isEqualTo("unknown-topic");
            assertThat(refused.getLong("seq")).isEqualTo(1);
        }
    }

    private static List<ProducerRecord<byte[], byte[]>> records(int count) {
        Random random = new Random(7);
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] key = random.nextInt(5) == 0 ? null : new byte[random.nextInt(10)];
            byte[] value =
                    random.nextInt(5) == 0 ? null : new byte[random.nextInt(random.nextInt(10) == 0 ? 20_000 : 200)];
            for (byte[] bytes : new byte[][] {key, value}) {
                if (bytes != null) {
                    random.nextBytes(bytes);
                }
            }
            ProducerRecord<byte[], byte[]> record = new ProducerRecord<>("bytes", 0, 1_000L + i, key, value);
            for (int h = random.nextInt(3); h > 0; h--) {
                record.headers().add("header-" + h, random.nextBoolean() ? null : new byte[] {(byte) random.nextInt()});
            }
            records.add(record);
        }
        return records;
    }

    private static List<String> headers(Iterable<org.apache.kafka.common.header.Header> headers) {
        List<String> texts = new ArrayList<>();
        headers.forEach(header -> texts.add(header(header.key(), header.value())));
        return texts;
    }

    private static String header(String name, byte[] value) {
        return name + "=" + (value == null ? "null" : java.util.HexFormat.of().formatHex(value));
    }

    /** Reads fields. */
    static final class In {

        static long number(ByteBuffer in) {
            long value = 0;
            for (int shift = 0; ; shift += 7) {
                byte octet = in.get();
                value |= (long) (octet & 0x7F) << shift;
                if (octet >= 0) {
                    return value;
                }
            }
        }

        static String text(ByteBuffer in) {
            return new String(some(in, number(in)), StandardCharsets.UTF_8);
        }

        static byte[] bytes(ByteBuffer in) {
            long length = number(in);
            return length == 0 ? null : some(in, length - 1);
        }

        static byte[] some(ByteBuffer in, long length) {
            byte[] bytes = new byte[(int) length];
            in.get(bytes);
            return bytes;
        }

        static Rec record(ByteBuffer in) {
            long offset = number(in);
            long timestamp = number(in);
            byte[] key = bytes(in);
            byte[] value = bytes(in);
            List<String> headers = new ArrayList<>();
            for (long count = number(in); count > 0; count--) {
                headers.add(header(text(in), bytes(in)));
            }
            return new Rec(offset, timestamp >>> 1 ^ -(timestamp & 1), key, value, headers);
        }
    }

    /** Writes fields. */
    static final class Out {

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        byte[] message() {
            return out.toByteArray();
        }

        Out octet(int value) {
            out.write(value);
            return this;
        }

        Out number(long value) {
            long rest = value;
            for (; rest > 0x7F; rest >>>= 7) {
                out.write((int) (rest & 0x7F | 0x80));
            }
            out.write((int) rest);
            return this;
        }

        Out text(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            number(bytes.length);
            out.writeBytes(bytes);
            return this;
        }

        Out bytes(byte[] bytes) {
            number(bytes == null ? 0 : bytes.length + 1);
            out.writeBytes(bytes == null ? new byte[0] : bytes);
            return this;
        }
    }

    private static Socket greeted() throws Exception {
        URI address = URI.create("ws://localhost:" + node.httpPort() + "/v1/socket");
        Socket wire = Socket.open(HTTP, address, "tailrace.v1.bin", "tailrace.v1.json");
        assertThat(wire.raw().getSubprotocol()).isEqualTo("tailrace.v1.bin");
        wire.send("{\"type\":\"hello\"}");
        assertThat(wire.next().getString("type")).isEqualTo("welcome");
        return wire;
    }

    /** The next data frame, behind its type. */
    private static ByteBuffer data(Socket wire) throws Exception {
        ByteBuffer frame = wire.nextBinary();
        assertThat(frame.get()).isEqualTo((byte) 1);
        return frame;
    }
}
