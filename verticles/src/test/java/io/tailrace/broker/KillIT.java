// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a node with signal 9 again and again while an idempotent producer writes to it. Of all that was acknowledged nothing may be missing,
 * doubled or out of order, and each acknowledged record stands at the offset that was acknowledged.
 */
class KillIT {

    /** {@code -Dtailrace.kills=50} makes a long run of it. */
    private static final int KILLS = Integer.getInteger("tailrace.kills", 3);

    /** As many as the node gives to a topic that a producer creates. */
    private static final int PARTITIONS = 3;

    private static final long SENT_BETWEEN_KILLS = 2_000;

    @TempDir
    Path dir;

    private final AtomicLong acknowledged = new AtomicLong();

    @Test
    void losesReordersAndDoublesNothingThatWasAcknowledged() throws Exception {
        int port = FreePorts.one();
        Path data = Files.createDirectory(dir.resolve("data"));
        NodeProcess node = NodeProcess.launch(data, port, "num.partitions", "3");
        Map<TopicPartition, Map<Long, Long>> offsets = new ConcurrentHashMap<>();
        try (KafkaProducer<byte[], byte[]> producer = producer(port)) {
            long counter = 0;
            for (int kill = 0; kill <= KILLS; kill++) {
                long goal = acknowledged.get() + SENT_BETWEEN_KILLS;
                while (acknowledged.get() < goal) {
                    send(producer, counter++, offsets);
                }
                if (kill < KILLS) {
                    node.close();
                    node = NodeProcess.launch(data, port, "num.partitions", "3");
                }
            }
            producer.flush();
            assertThat(acknowledged.get()).isEqualTo(counter);
            check(port, counter, offsets);
        } finally {
            node.close();
        }
    }

    /** The counter names the partition, so that the records of each partition must come back in rising order, without a gap. */
    private void send(
            KafkaProducer<byte[], byte[]> producer, long counter, Map<TopicPartition, Map<Long, Long>> offsets) {
        int partition = (int) (counter % PARTITIONS);
        producer.send(
                new ProducerRecord<>(
                        "killed", partition, null, String.valueOf(counter).getBytes(UTF_8)),
                (metadata, failure) -> {
                    if (failure == null) {
                        offsets.computeIfAbsent(
                                        new TopicPartition(metadata.topic(), metadata.partition()),
                                        any -> new ConcurrentHashMap<>())
                                .put(counter, metadata.offset());
                        acknowledged.incrementAndGet();
                    }
                });
    }

    private static void check(int port, long sent, Map<TopicPartition, Map<Long, Long>> offsets) {
        for (int index = 0; index < PARTITIONS; index++) {
            TopicPartition partition = new TopicPartition("killed", index);
            List<ConsumerRecord<byte[], byte[]>> records = readAll(port, partition);
            List<Long> counters = new ArrayList<>();
            for (ConsumerRecord<byte[], byte[]> record : records) {
                long counter = Long.parseLong(new String(record.value(), UTF_8));
                counters.add(counter);
                assertThat(offsets.get(partition)).containsEntry(counter, record.offset());
            }
            List<Long> expected = new ArrayList<>();
            for (long counter = index; counter < sent; counter += PARTITIONS) {
                expected.add(counter);
            }
            assertThat(counters).isEqualTo(expected);
        }
    }

    private static List<ConsumerRecord<byte[], byte[]>> readAll(int port, TopicPartition partition) {
        Map<String, Object> config = new HashMap<>(Map.of("bootstrap.servers", "127.0.0.1:" + port));
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition), Duration.ofSeconds(60))
                    .get(partition);
            return BrokerFixture.pollUntil(consumer, records -> consumer.position(partition) >= end);
        }
    }

    private static KafkaProducer<byte[], byte[]> producer(int port) {
        return new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers", "127.0.0.1:" + port,
                        "delivery.timeout.ms", 180_000,
                        "request.timeout.ms", 10_000,
                        "max.block.ms", 120_000,
                        "reconnect.backoff.max.ms", 500,
                        "batch.size", 2_000,
                        "buffer.memory", 100_000),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }
}
