// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Topics with cleanup.policy=compact, as stock clients see them: while they are compacted, after stops and kills. */
class CompactionIT {

    private static final int KEYS = 40;
    private static final int RECORDS = 4_000;
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(120);
    private static final String[] EAGER = {"log.cleaner.backoff.ms", "50", "http.port", "0"};
    private static final Map<String, String> COMPACTED = Map.of(
            "cleanup.policy", "compact",
            "segment.bytes", "1048576",
            "min.cleanable.dirty.ratio", "0.01");

    @TempDir
    Path dir;

    @Test
    void aConsumerFromTheBeginningSeesTheNewestRecordOfEachKeyAtItsOffset() {
        Path data = dir.resolve("data");
        TopicPartition topic = new TopicPartition("prices", 0);
        TreeMap<Long, String> expected;
        try (BrokerFixture broker = BrokerFixture.start(data, EAGER)) {
            create(broker.address(), topic.topic());
            expected = produce(broker.address(), topic, RECORDS);

            awaitUntil(() -> bytes(data.resolve("prices-0")) < 2 << 20);

            assertNewest(broker.address(), topic, expected);
            assertThat(end(broker.address(), topic)).isEqualTo(RECORDS);
        }
        try (BrokerFixture again = BrokerFixture.start(data, EAGER)) {
            assertNewest(again.address(), topic, expected);
            try (KafkaProducer<byte[], byte[]> producer = producer(again.address())) {
                assertThat(BrokerFixture.await(send(producer, topic, "next", "value")))
                        .isEqualTo(RECORDS);
            }
        }
    }

    @Test
    void aKeyThatWasDeletedGoesForGood() {
        Path data = dir.resolve("data");
        TopicPartition topic = new TopicPartition("prices", 0);
        try (BrokerFixture broker = BrokerFixture.start(data, EAGER)) {
            create(broker.address(), topic.topic(), "delete.retention.ms", "100");
            try (KafkaProducer<byte[], byte[]> producer = producer(broker.address())) {
                send(producer, topic, "gone", "value");
                send(producer, topic, "gone", null);
                producer.flush();
            }
            // The tombstone goes a while after the pass that could do without it, and with a later pass.
            awaitUntil(() -> {
                produce(broker.address(), topic, 1_500);
                return read(broker.address(), topic).stream()
                        .noneMatch(record -> text(record.key()).equals("gone"));
            });
        }
    }

    @Test
    void aKillInTheMiddleOfAPassCostsNothing() throws Exception {
        Path data = Files.createDirectory(dir.resolve("data"));
        Path partition = data.resolve("prices-0");
        int port = FreePorts.one();
        String address = "127.0.0.1:" + port;
        TopicPartition topic = new TopicPartition("prices", 0);
        // Slow enough that a pass over the log takes seconds.
        NodeProcess node = NodeProcess.launch(
                data, port, "log.cleaner.backoff.ms", "50", "log.cleaner.io.max.bytes.per.second", "4e6");
        try {
            create(address, topic.topic());
            TreeMap<Long, String> expected = produce(address, topic, RECORDS);
            for (int kill = 0; kill < 2; kill++) {
                awaitUntil(() -> names(partition).stream().anyMatch(name -> name.endsWith(".log.cleaned")));
                node.close();
                node = NodeProcess.launch(
                        data, port, "log.cleaner.backoff.ms", "50", "log.cleaner.io.max.bytes.per.second", "4e6");
                assertNewest(address, topic, expected);
                expected.putAll(produce(address, topic, RECORDS / 4));
            }
            node.close();
            node = NodeProcess.launch(data, port, EAGER);
            awaitUntil(() -> bytes(partition) < 2 << 20);
            assertNewest(address, topic, expected);
            assertThat(names(partition)).noneMatch(name -> name.endsWith(".cleaned") || name.endsWith(".swap"));
        } finally {
            node.close();
        }
    }

    @Test
    void theOffsetsOfGroupsAreCompactedAndKept() {
        Path data = dir.resolve("data");
        TopicPartition topic = new TopicPartition("prices", 0);
        String[] settings = {
            "log.cleaner.backoff.ms", "50",
            "http.port", "0",
            "offsets.topic.num.partitions", "1",
            "offsets.topic.segment.bytes", "1048576",
            "log.cleaner.min.cleanable.ratio", "0.01"
        };
        Path offsets = data.resolve("__consumer_offsets-0");
        try (BrokerFixture broker = BrokerFixture.start(data, settings)) {
            create(broker.address(), topic.topic());
            String metadata = "m".repeat(4_000);
            try (KafkaConsumer<byte[], byte[]> consumer = consumer(broker.address())) {
                consumer.assign(List.of(topic));
                for (int i = 1; i <= 1_200; i++) {
                    consumer.commitSync(Map.of(topic, new OffsetAndMetadata(i, metadata)));
                }
            }
            awaitUntil(() -> bytes(offsets) < 2 << 20);
            assertThat(committed(broker.address(), topic)).isEqualTo(1_200);
        }
        try (BrokerFixture again = BrokerFixture.start(data, settings)) {
            assertThat(committed(again.address(), topic)).isEqualTo(1_200);
        }
    }

    /** Overwrites each key many times; the newest value of each, by offset. */
    private static TreeMap<Long, String> produce(String address, TopicPartition topic, int records) {
        Map<String, Long> newest = new HashMap<>();
        Map<Long, String> values = new HashMap<>();
        String filler = "x".repeat(1_000);
        try (KafkaProducer<byte[], byte[]> producer = producer(address)) {
            List<io.vertx.core.Future<Long>> sent = new ArrayList<>();
            for (int i = 0; i < records; i++) {
                sent.add(send(producer, topic, "key" + i % KEYS, i + filler));
            }
            producer.flush();
            for (int i = 0; i < records; i++) {
                long offset = BrokerFixture.await(sent.get(i));
                newest.put("key" + i % KEYS, offset);
                values.put(offset, i + filler);
            }
        }
        TreeMap<Long, String> expected = new TreeMap<>();
        newest.forEach((key, offset) -> expected.put(offset, key + "=" + values.get(offset)));
        return expected;
    }

    private static io.vertx.core.Future<Long> send(
            KafkaProducer<byte[], byte[]> producer, TopicPartition topic, String key, String value) {
        io.vertx.core.Promise<Long> offset = io.vertx.core.Promise.promise();
        producer.send(
                new ProducerRecord<>(
                        topic.topic(),
                        topic.partition(),
                        key.getBytes(UTF_8),
                        value == null ? null : value.getBytes(UTF_8)),
                (metadata, failure) -> {
                    if (failure == null) {
                        offset.complete(metadata.offset());
                    } else {
                        offset.fail(failure);
                    }
                });
        return offset.future();
    }

    /** Of each key, what comes last is the newest, at the offset it was acknowledged with. */
    private static void assertNewest(String address, TopicPartition topic, TreeMap<Long, String> expected) {
        Map<String, Long> newest = new HashMap<>();
        Map<Long, String> found = new HashMap<>();
        read(address, topic).forEach(record -> {
            newest.put(text(record.key()), record.offset());
            found.put(record.offset(), text(record.key()) + "=" + text(record.value()));
        });
        Map<String, Long> wanted = new HashMap<>();
        expected.forEach((offset, text) -> wanted.put(text.substring(0, text.indexOf('=')), offset));
        assertThat(newest).isEqualTo(wanted);
        wanted.values().forEach(offset -> assertThat(found.get(offset)).isEqualTo(expected.get(offset)));
    }

    private static List<ConsumerRecord<byte[], byte[]>> read(String address, TopicPartition topic) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(address)) {
            consumer.assign(List.of(topic));
            consumer.seekToBeginning(List.of(topic));
            long end = end(address, topic);
            return BrokerFixture.pollUntil(consumer, records -> consumer.position(topic) >= end);
        }
    }

    private static long end(String address, TopicPartition topic) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(address)) {
            return consumer.endOffsets(List.of(topic), Duration.ofSeconds(60)).get(topic);
        }
    }

    private static long committed(String address, TopicPartition topic) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(address)) {
            return consumer.committed(java.util.Set.of(topic), Duration.ofSeconds(60))
                    .get(topic)
                    .offset();
        }
    }

    private static void create(String address, String topic, String... more) {
        Map<String, String> settings = new HashMap<>(COMPACTED);
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1).configs(settings)))
                    .all()
                    .get(60, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static KafkaProducer<byte[], byte[]> producer(String address) {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", address, "linger.ms", 5),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private static KafkaConsumer<byte[], byte[]> consumer(String address) {
        return new KafkaConsumer<>(
                Map.of("bootstrap.servers", address, "group.id", "readers", "enable.auto.commit", false),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    private static String text(byte[] bytes) {
        return new String(bytes, UTF_8);
    }

    /** Of the segments that count; what waits for its removal does not. */
    private static long bytes(Path partition) {
        long bytes = 0;
        for (String name : names(partition)) {
            try {
                bytes += name.endsWith(".log") ? Files.size(partition.resolve(name)) : 0;
            } catch (IOException moved) {
                return Long.MAX_VALUE; // just now: look again
            }
        }
        return bytes;
    }

    private static List<String> names(Path partition) {
        try (Stream<Path> files = Files.list(partition)) {
            return files.map(file -> file.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitUntil(BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE_NS;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("it does not come").isLessThan(deadline);
            try {
                TimeUnit.MILLISECONDS.sleep(10);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
