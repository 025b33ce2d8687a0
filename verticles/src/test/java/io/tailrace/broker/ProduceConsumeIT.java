// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stock kafka-clients against a node: what they write they read. */
class ProduceConsumeIT {

    @TempDir
    static Path dir;

    private static BrokerFixture broker;

    @BeforeAll
    static void start() {
        broker = BrokerFixture.start(dir, "log.retention.check.interval.ms", "500");
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void givesBackKeysValuesHeadersAndTimestamps(String compression) throws Exception {
        TopicPartition partition = broker.topic("round-trip-" + compression, 1, "retention.ms", "-1");
        try (KafkaProducer<byte[], byte[]> producer = broker.producer("compression.type", compression)) {
            for (int i = 0; i < 500; i++) {
                byte[] key = i % 3 == 0 ? null : bytes("key " + i);
                byte[] value = i % 5 == 0 ? null : bytes("value ".repeat(20) + i);
                ProducerRecord<byte[], byte[]> record =
                        new ProducerRecord<>(partition.topic(), 0, 1_700_000_000_000L + i, key, value);
                record.headers().add("n", bytes("" + i)).add("none", null);
                producer.send(record);
            }
        }
        try (KafkaConsumer<byte[], byte[]> consumer = broker.consumer(partition)) {
            List<ConsumerRecord<byte[], byte[]>> records = BrokerFixture.poll(consumer, 500);
            assertThat(records).hasSize(500);
            for (int i = 0; i < 500; i++) {
                ConsumerRecord<byte[], byte[]> record = records.get(i);
                assertThat(record.offset()).isEqualTo(i);
                assertThat(record.timestamp()).isEqualTo(1_700_000_000_000L + i);
                assertThat(record.key()).isEqualTo(i % 3 == 0 ? null : bytes("key " + i));
                assertThat(record.value()).isEqualTo(i % 5 == 0 ? null : bytes("value ".repeat(20) + i));
                assertThat(record.headers().lastHeader("n").value()).isEqualTo(bytes("" + i));
                assertThat(record.headers().lastHeader("none").value()).isNull();
                assertThat(record.leaderEpoch()).contains(0);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "all"})
    void takesEveryKindOfAcknowledgement(String acks) throws Exception {
        TopicPartition partition = broker.topic("acks-" + acks, 1);
        try (KafkaProducer<byte[], byte[]> producer =
                broker.producer("acks", acks, "enable.idempotence", "" + acks.equals("all"))) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                sent.add(producer.send(new ProducerRecord<>(partition.topic(), 0, null, bytes("" + i))));
            }
            producer.flush();
            RecordMetadata last = sent.get(99).get(30, TimeUnit.SECONDS);
            assertThat(last.offset()).isEqualTo(acks.equals("0") ? -1 : 99);
        }
        try (KafkaConsumer<byte[], byte[]> consumer = broker.consumer(partition)) {
            assertThat(BrokerFixture.poll(consumer, 100)).hasSize(100);
        }
    }

    @Test
    void carriesRecordsOfAMegabyte() throws Exception {
        TopicPartition partition = broker.topic("large", 1);
        byte[] value = new byte[1_000_000];
        new Random(7).nextBytes(value);
        try (KafkaProducer<byte[], byte[]> producer = broker.producer()) {
            for (int i = 0; i < 5; i++) {
                producer.send(new ProducerRecord<>(partition.topic(), 0, null, value))
                        .get(30, TimeUnit.SECONDS);
            }
        }
        try (KafkaConsumer<byte[], byte[]> consumer = broker.consumer(partition)) {
            assertThat(BrokerFixture.poll(consumer, 5))
                    .allSatisfy(record -> assertThat(record.value()).isEqualTo(value));
        }
    }

    @Test
    void refusesABatchAboveMaxMessageBytes() {
        TopicPartition partition = broker.topic("small-messages", 1, "max.message.bytes", "1000");
        try (KafkaProducer<byte[], byte[]> producer = broker.producer()) {
            assertThatThrownBy(() -> producer.send(new ProducerRecord<>(partition.topic(), 0, null, new byte[5_000]))
                            .get(30, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(RecordTooLargeException.class);
        }
    }

    @Test
    void refusesARecordWithoutKeyOnACompactedTopic() {
        TopicPartition partition = broker.topic("compacted", 1, "cleanup.policy", "compact");
        try (KafkaProducer<byte[], byte[]> producer = broker.producer()) {
            assertThatThrownBy(() -> producer.send(new ProducerRecord<>(partition.topic(), 0, null, bytes("v")))
                            .get(30, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(InvalidRecordException.class);
        }
    }

    @Test
    void readsFromTheMiddleOfABatch() throws Exception {
        TopicPartition partition = broker.topic("middle", 1);
        try (KafkaProducer<byte[], byte[]> producer = broker.producer("linger.ms", "500", "batch.size", "100000")) {
            for (int i = 0; i < 100; i++) {
                producer.send(new ProducerRecord<>(partition.topic(), 0, null, bytes("" + i)));
            }
        }
        try (KafkaConsumer<byte[], byte[]> consumer = broker.consumer(partition)) {
            consumer.seek(partition, 57);
            List<ConsumerRecord<byte[], byte[]>> records = BrokerFixture.poll(consumer, 43);
            assertThat(records.get(0).offset()).isEqualTo(57);
            assertThat(records).hasSize(43);
        }
    }

    @Test
    void deliversABatchLargerThanTheReaderAskedFor() throws Exception {
        TopicPartition partition = broker.topic("tight", 1);
        try (KafkaProducer<byte[], byte[]> producer = broker.producer()) {
            for (int i = 0; i < 10; i++) {
                producer.send(new ProducerRecord<>(partition.topic(), 0, null, new byte[20_000]))
                        .get(30, TimeUnit.SECONDS);
            }
        }
        try (KafkaConsumer<byte[], byte[]> consumer =
                broker.consumer(partition, "max.partition.fetch.bytes", "1", "fetch.max.bytes", "1")) {
            assertThat(BrokerFixture.poll(consumer, 10)).hasSize(10);
        }
    }

    @Test
    void wakesAWaitingReaderWhenARecordComes() throws Exception {
        TopicPartition partition = broker.topic("long-poll", 2);
        try (KafkaProducer<byte[], byte[]> producer = broker.producer();
                KafkaConsumer<byte[], byte[]> consumer =
                        broker.consumer(partition, "fetch.max.wait.ms", "25000", "request.timeout.ms", "60000")) {
            consumer.assign(List.of(partition, new TopicPartition(partition.topic(), 1)));
            consumer.poll(Duration.ofMillis(1_000)); // the fetch is at the broker now, and waits
            long before = System.nanoTime();
            producer.send(new ProducerRecord<>(partition.topic(), 1, null, bytes("now")))
                    .get(30, TimeUnit.SECONDS);

            assertThat(BrokerFixture.poll(consumer, 1)).hasSize(1);
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(20));
            // Else it waits for the answer to its next fetch.
            consumer.close(CloseOptions.timeout(Duration.ZERO));
        }
    }

    @Test
    void findsOffsetsByTimeAndByName() throws Exception {
        TopicPartition partition = broker.topic("times", 1, "retention.ms", "-1");
        try (KafkaProducer<byte[], byte[]> producer = broker.producer()) {
            for (long timestamp : new long[] {1_000, 3_000, 2_000, 5_000, 4_000}) {
                producer.send(new ProducerRecord<>(partition.topic(), 0, timestamp, null, bytes("" + timestamp)))
                        .get(30, TimeUnit.SECONDS);
            }
        }
        try (KafkaConsumer<byte[], byte[]> consumer = broker.consumer(partition);
                Admin admin = broker.admin()) {
            assertThat(byTime(consumer, partition, 0)).isEqualTo(0);
            assertThat(byTime(consumer, partition, 1_001)).isEqualTo(1);
            assertThat(byTime(consumer, partition, 3_500)).isEqualTo(3);
            assertThat(byTime(consumer, partition, 5_001)).isNull();
            assertThat(consumer.beginningOffsets(List.of(partition))).containsEntry(partition, 0L);
            assertThat(consumer.endOffsets(List.of(partition))).containsEntry(partition, 5L);
            var newest = admin.listOffsets(Map.of(partition, OffsetSpec.maxTimestamp()))
                    .partitionResult(partition)
                    .get(30, TimeUnit.SECONDS);
            assertThat(newest.offset()).isEqualTo(3);
            assertThat(newest.timestamp()).isEqualTo(5_000);
            var earliest = admin.listOffsets(Map.of(partition, OffsetSpec.earliest()))
                    .partitionResult(partition)
                    .get(30, TimeUnit.SECONDS);
            assertThat(earliest.leaderEpoch()).contains(0);
        }
    }

    private static Long byTime(KafkaConsumer<?, ?> consumer, TopicPartition partition, long timestamp) {
        OffsetAndTimestamp found =
                consumer.offsetsForTimes(Map.of(partition, timestamp)).get(partition);
        return found == null ? null : found.offset();
    }

    @Test
    void deletesRecordsUpToAnOffset() throws Exception {
        TopicPartition partition = broker.topic("deleted", 1);
        produce(partition, 20);
        try (Admin admin = broker.admin();
                KafkaConsumer<byte[], byte[]> consumer = broker.consumer(partition)) {
            long low = admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(12)))
                    .lowWatermarks()
                    .get(partition)
                    .get(30, TimeUnit.SECONDS)
                    .lowWatermark();
            assertThat(low).isEqualTo(12);
            assertThat(consumer.beginningOffsets(List.of(partition))).containsEntry(partition, 12L);
            consumer.seek(partition, 3); // out of range now: the client resets to the earliest
            assertThat(BrokerFixture.poll(consumer, 8).get(0).offset()).isEqualTo(12);
        }
    }

    @Test
    void retentionBySizeMovesTheStartOfTheLog() throws Exception {
        TopicPartition partition =
                broker.topic("retained", 1, "retention.bytes", "1048576", "segment.bytes", "1048576");
        try (KafkaProducer<byte[], byte[]> producer = broker.producer()) {
            for (int i = 0; i < 60; i++) {
                producer.send(new ProducerRecord<>(partition.topic(), 0, null, new byte[100_000]));
            }
        }
        try (KafkaConsumer<byte[], byte[]> consumer = broker.consumer(partition)) {
            Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(
                            consumer.beginningOffsets(List.of(partition)).get(partition))
                    .isGreaterThan(20));
            assertThat(consumer.endOffsets(List.of(partition))).containsEntry(partition, 60L);
            assertThat(BrokerFixture.poll(consumer, 1)).isNotEmpty();
        }
    }

    @Test
    void aCommittedReaderReadsWhatIsInNoTransaction() throws Exception {
        TopicPartition partition = broker.topic("committed", 1);
        produce(partition, 10);
        try (KafkaConsumer<byte[], byte[]> consumer = broker.consumer(partition, "isolation.level", "read_committed")) {
            assertThat(BrokerFixture.poll(consumer, 10)).hasSize(10);
            assertThat(consumer.endOffsets(List.of(partition))).containsEntry(partition, 10L);
        }
    }

    @Test
    void aTopicCreatedAnewHasNothingOfTheOldOne() throws Exception {
        TopicPartition partition = broker.topic("anew", 1);
        produce(partition, 10);
        try (Admin admin = broker.admin()) {
            admin.deleteTopics(List.of("anew")).all().get(30, TimeUnit.SECONDS);
        }
        broker.topic("anew", 1);
        try (KafkaConsumer<byte[], byte[]> consumer = broker.consumer(partition)) {
            assertThat(consumer.endOffsets(List.of(partition))).containsEntry(partition, 0L);
        }
        produce(partition, 3);
        try (KafkaConsumer<byte[], byte[]> consumer = broker.consumer(partition)) {
            assertThat(BrokerFixture.poll(consumer, 3)).hasSize(3);
        }
    }

    @Test
    void keepsTheOrderOfManyPartitionsAtOnce() throws Exception {
        broker.topic("many", 40);
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<byte[], byte[]> producer = broker.producer()) {
            for (int i = 0; i < 8_000; i++) {
                sent.add(producer.send(new ProducerRecord<>("many", i % 40, null, bytes("" + i))));
            }
        }
        for (Future<RecordMetadata> one : sent) {
            one.get(30, TimeUnit.SECONDS);
        }
        TopicPartition first = new TopicPartition("many", 0);
        try (KafkaConsumer<byte[], byte[]> consumer = broker.consumer(first)) {
            List<TopicPartition> all = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                all.add(new TopicPartition("many", i));
            }
            consumer.assign(all);
            List<ConsumerRecord<byte[], byte[]>> records = BrokerFixture.poll(consumer, 8_000);
            assertThat(records).hasSize(8_000);
            for (TopicPartition partition : all) {
                assertThat(records.stream()
                                .filter(record -> record.partition() == partition.partition())
                                .map(record -> Long.parseLong(new String(record.value(), UTF_8))))
                        .containsExactlyElementsOf(LongStream.range(0, 200)
                                .mapToObj(i -> i * 40 + partition.partition())
                                .toList());
            }
        }
    }

    private static void produce(TopicPartition partition, int count) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = broker.producer()) {
            for (int i = 0; i < count; i++) {
                producer.send(new ProducerRecord<>(partition.topic(), partition.partition(), null, bytes("" + i)))
                        .get(30, TimeUnit.SECONDS);
            }
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
