// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.GatewayBinaryIT.In;
import io.tailrace.broker.GatewayBinaryIT.Out;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Batches as they are stored, for a client that opens them with Kafka's own code and goes by docs/gateway-protocol.md otherwise. */
@Timeout(180)
final class GatewayBatchesIT {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    static Path dir;

    private static BrokerFixture node;

    @BeforeAll
    static void start() {
        node = BrokerFixture.start(dir, "log.cleaner.backoff.ms", "50");
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    /** A record by what is looked at here. */
    private record Rec(long offset, String key, String value) {}

    /** A subscription that opens batches, drops what is before its place, and grants again what it has used up. */
    private static final class Subscriber implements AutoCloseable {
        private final Socket wire;
        private final List<Rec> got = new ArrayList<>();
        private final Set<CompressionType> types = new HashSet<>();
        private long place;
        private long begun;
        private String token;
        private int frames;
        private int dropped;
        private int largestBatch;
        private int mostAtOnce;

        Subscriber(String topic, Object from, int records, int bytes) throws Exception {
            this(topic, from, records, bytes, new JsonObject());
        }

        Subscriber(String topic, Object from, int records, int bytes, JsonObject more) throws Exception {
            wire = greeted("tailrace.v1.bin");
            JsonObject credit = new JsonObject().put("records", records).put("bytes", bytes);
            wire.send(sub(topic)
                    .put("from", from)
                    .put("credit", credit)
                    .mergeIn(more)
                    .encode());
            JsonObject subbed = wire.next();
            assertThat(subbed.getString("type")).as("%s", subbed).isEqualTo("subbed");
            JsonObject position = subbed.getJsonObject("positions").getJsonObject("0");
            begun = position.getLong("offset");
            place = begun;
            token = position.getString("token");
        }

        List<Rec> take(int count) throws Exception {
            return takeUntil(it -> it.size() >= count);
        }

        List<Rec> takeUntil(Predicate<List<Rec>> enough) throws Exception {
            while (!enough.test(got)) {
                onFrame(wire.nextBinary());
            }
            return got;
        }

        private void onFrame(ByteBuffer in) {
            frames++;
            assertThat(in.get()).as("batches").isEqualTo((byte) 5);
            assertThat(In.number(in)).as("id").isEqualTo(1);
            assertThat(In.number(in)).as("partition").isZero();
            final long next = In.number(in);
            final long records = In.number(in);
            token = In.text(in);
            long bytes = In.number(in);
            assertThat(bytes).isEqualTo(in.remaining());
            MemoryRecords batches = MemoryRecords.readableRecords(in.slice());
            long opened = 0;
            long last = -1;
            for (RecordBatch batch : batches.batches()) {
                batch.ensureValid();
                assertThat(batch.isControlBatch()).isFalse();
                types.add(batch.compressionType());
                for (Record record : batch) {
                    opened++;
                    if (record.offset() < place) {
                        dropped++;
                    } else {
                        got.add(new Rec(record.offset(), text(record.key()), text(record.value())));
                    }
                }
                last = batch.lastOffset();
                largestBatch = Math.max(largestBatch, batch.countOrNull());
            }
            assertThat(opened).as("records").isEqualTo(records);
            assertThat(next).isGreaterThan(last).isGreaterThan(place);
            mostAtOnce = (int) Math.max(mostAtOnce, records);
            place = next;
            wire.send(new Out().octet(2).number(1).number(records).number(bytes).message());
        }

        @Override
        public void close() {
            wire.close();
        }
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void carriesBatchesAsTheyWereWrittenInReplayAndLive(CompressionType type) throws Exception {
        String topic = "written-" + type.name;
        node.topic(topic, 1);
        try (KafkaProducer<byte[], byte[]> producer = producer("compression.type", type.name)) {
            List<Rec> written = write(producer, topic, 0, 2_000);
            try (Subscriber subscriber = new Subscriber(topic, "earliest", 300, 30_000)) {
                subscriber.take(1_000);
                written.addAll(write(producer, topic, 2_000, 2_000));
                subscriber.take(4_000);

                assertThat(subscriber.got).isEqualTo(written);
                assertThat(subscriber.types).containsExactly(type);
                assertThat(subscriber.largestBatch)
                        .as("more than one record to a batch")
                        .isGreaterThan(1);
                assertThat(subscriber.frames).isLessThan(4_000);
                assertThat(subscriber.dropped).isZero();
            }
        }
    }

    @Test
    void beginsInTheMiddleOfABatchAndCreditForOneRecordBringsAllOfIt() throws Exception {
        node.topic("middle", 1);
        try (KafkaProducer<byte[], byte[]> producer = producer("compression.type", "gzip")) {
            List<Rec> written = write(producer, "middle", 0, 20);
            try (Subscriber subscriber = new Subscriber("middle", new JsonObject().put("offset", 7), 1, 1)) {
                assertThat(subscriber.begun).isEqualTo(7);
                subscriber.take(13);
                written.addAll(write(producer, "middle", 20, 20));
                subscriber.take(33);

                assertThat(subscriber.got).isEqualTo(written.subList(7, 40));
                assertThat(subscriber.largestBatch).isEqualTo(20);
                assertThat(subscriber.dropped).isEqualTo(7);
            }
        }
    }

    @Test
    void resumesByTokenWithBatchesOrRecords() throws Exception {
        node.topic("resumed", 1);
        try (KafkaProducer<byte[], byte[]> producer = producer("compression.type", "snappy")) {
            List<Rec> written = write(producer, "resumed", 0, 3_000);
            List<Rec> got = new ArrayList<>();
            String token;
            try (Subscriber first = new Subscriber("resumed", "earliest", 200, 20_000)) {
                got.addAll(first.take(500));
                token = first.token;
            }
            try (Subscriber second = new Subscriber("resumed", new JsonObject().put("token", token), 200, 20_000)) {
                assertThat(second.begun).isEqualTo(got.size());
                second.take(3_000 - got.size());
                assertThat(second.dropped).isZero();
                got.addAll(second.got);
                token = second.token;
            }
            assertThat(got).isEqualTo(written);
            write(producer, "resumed", 3_000, 3);
            try (Socket wire = greeted("tailrace.v1.json")) {
                wire.send(sub("resumed")
                        .put("from", new JsonObject().put("token", token))
                        .put("credit", new JsonObject().put("records", 10).put("bytes", 1_000))
                        .put("format", "records")
                        .encode());
                assertThat(wire.values(3)).containsExactly("value 3000", "value 3001", "value 3002");
            }
        }
    }

    @Test
    void aBatchLargerThanAFragmentComesWhole() throws Exception {
        node.topic("large", 1);
        byte[] noise = new byte[700_000];
        new Random(1).nextBytes(noise);
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (byte) ('a' + (noise[i] & 15));
        }
        String value = new String(noise, StandardCharsets.US_ASCII);
        try (KafkaProducer<byte[], byte[]> producer = producer();
                Subscriber subscriber = new Subscriber("large", "earliest", 1, 1)) {
            for (int i = 0; i < 5; i++) {
                producer.send(new ProducerRecord<>("large", 0, bytes("k" + i), noise))
                        .get(60, TimeUnit.SECONDS);
            }
            assertThat(subscriber.take(5)).extracting(Rec::value).containsOnly(value);
            assertThat(subscriber.mostAtOnce).isEqualTo(1);
        }
    }

    @Test
    void showsACompactedTopicWithItsHoles() throws Exception {
        node.topic(
                "prices",
                1,
                "cleanup.policy",
                "compact",
                "segment.bytes",
                "1048576",
                "min.cleanable.dirty.ratio",
                "0.01");
        Map<String, Rec> newest = new LinkedHashMap<>();
        String padding = "-".repeat(1_000);
        int count = 4_000;
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            for (int i = 0; i < count; i++) {
                Rec record = new Rec(i, "k" + i % 37, i + padding);
                newest.put(record.key, record);
                producer.send(new ProducerRecord<>("prices", 0, bytes(record.key), bytes(record.value)));
            }
        }
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (bytesOf(dir.resolve("prices-0")) > 2 << 20) {
            assertThat(System.nanoTime()).as("compaction").isLessThan(deadlineNs);
            TimeUnit.MILLISECONDS.sleep(50);
        }
        try (Subscriber subscriber = new Subscriber("prices", "earliest", 1_000, 100_000)) {
            List<Rec> got = subscriber.takeUntil(it -> !it.isEmpty() && it.get(it.size() - 1).offset == count - 1);

            assertThat(got).isSortedAccordingTo((a, b) -> Long.compare(a.offset, b.offset));
            assertThat(got.size()).as("holes").isLessThan(count);
            Map<String, Rec> table = new LinkedHashMap<>();
            got.forEach(record -> table.put(record.key, record));
            assertThat(table).isEqualTo(newest);
        }
    }

    @Test
    void aMemberOfAGroupGetsThemAndBeginsWhereTheGroupCommitted() throws Exception {
        node.topic("dealt", 1);
        try (KafkaProducer<byte[], byte[]> producer = producer();
                Socket wire = greeted("tailrace.v1.bin")) {
            write(producer, "dealt", 0, 20);
            try (Admin admin = node.admin()) {
                admin.alterConsumerGroupOffsets(
                                "batches", Map.of(new TopicPartition("dealt", 0), new OffsetAndMetadata(12)))
                        .all()
                        .get(60, TimeUnit.SECONDS);
            }
            wire.send(sub("dealt")
                    .put("group", "batches")
                    .put("credit", new JsonObject().put("records", 1).put("bytes", 1))
                    .encode());
            assertThat(wire.next("assigned").getLong("offset")).isEqualTo(12);
            ByteBuffer in = wire.nextBinary();
            assertThat(in.get()).isEqualTo((byte) 5);
            In.number(in);
            In.number(in);
            assertThat(In.number(in)).as("next").isEqualTo(20);
        }
    }

    @Test
    void refusesWhatCannotBeWithoutOpeningBatches() throws Exception {
        node.topic("refused", 1);
        JsonObject filter = new JsonObject().put("filter", new JsonObject().put("key", "a"));
        JsonObject latest = new JsonObject().put("mode", "latest-per-key");
        JsonObject sample = new JsonObject().put("mode", "sample").put("everyMs", 10);
        try (Socket wire = greeted("tailrace.v1.bin")) {
            for (JsonObject more : List.of(filter, latest, sample)) {
                wire.send(sub("refused").mergeIn(more).encode());
                assertRefused(wire.next(), "filter");
            }
            wire.send(sub("refused")
                    .put("filter", new JsonObject())
                    .put("mode", "all")
                    .encode());
            assertThat(wire.next().getString("type")).isEqualTo("subbed");
        }
        try (Socket wire = greeted("tailrace.v1.json")) {
            wire.send(sub("refused").encode());
            assertRefused(wire.next(), "tailrace.v1.bin");
        }
    }

    private static void assertRefused(JsonObject error, String word) {
        assertThat(error.getString("type")).isEqualTo("err");
        assertThat(error.getLong("id")).isEqualTo(1);
        assertThat(error.getString("code")).isEqualTo("unsupported");
        assertThat(error.getString("text")).contains(word);
    }

    private static KafkaProducer<byte[], byte[]> producer(String... settings) {
        return node.producer(Stream.concat(Stream.of("linger.ms", "1000"), Stream.of(settings))
                .toArray(String[]::new));
    }

    /** Writes records to the only partition, in batches, and waits for them. */
    private static List<Rec> write(KafkaProducer<byte[], byte[]> producer, String topic, int first, int count)
            throws Exception {
        List<Rec> written = IntStream.range(first, first + count)
                .mapToObj(i -> new Rec(i, "key " + i, "value " + i))
                .collect(Collectors.toCollection(ArrayList::new));
        List<Future<?>> acks = new ArrayList<>();
        for (Rec record : written) {
            acks.add(producer.send(new ProducerRecord<>(topic, 0, bytes(record.key), bytes(record.value))));
        }
        producer.flush();
        for (Future<?> ack : acks) {
            ack.get(60, TimeUnit.SECONDS);
        }
        return written;
    }

    /** What is taken away meanwhile counts for nothing. */
    private static long bytesOf(Path partition) throws IOException {
        try (Stream<Path> files = Files.list(partition)) {
            return files.filter(it -> it.toString().endsWith(".log"))
                    .mapToLong(it -> it.toFile().length())
                    .sum();
        }
    }

    private static JsonObject sub(String topic) {
        return new JsonObject()
                .put("type", "sub")
                .put("id", 1)
                .put("topic", topic)
                .put("format", "batches");
    }

    private static Socket greeted(String protocol) throws Exception {
        Socket wire = Socket.open(HTTP, URI.create("ws://localhost:" + node.httpPort() + "/v1/socket"), protocol);
        wire.send("{\"type\":\"hello\"}");
        assertThat(wire.next().getString("type")).isEqualTo("welcome");
        return wire;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }
}
