// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.ecosystem;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tailrace.broker.BrokerFixture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A word count of Kafka Streams in two instances, at least once: a group of the classic protocol whose assignor is Streams' own, a repartition
 * topic whose records are deleted when they were read, and a changelog by which whoever takes over restores the counts.
 */
@Tag("ecosystem")
@Timeout(600)
final class StreamsIT {

    private static final int PARTITIONS = 4;
    private static final int WORDS = 40;
    private static final String APPLICATION = "words";
    private static final String PROGRAM = Path.of("src", "test", "resources", "ecosystem", "WordCount.java")
            .toAbsolutePath()
            .toString();

    @TempDir
    static Path dir;

    private final Map<String, Long> expected = new HashMap<>();
    private final Map<String, Long> counted = new HashMap<>();
    private final List<EcosystemProcess> instances = new ArrayList<>();
    private int lines;

    @Test
    void nothingIsLeftUncountedWhenAnInstanceIsKilled() throws Exception {
        try (BrokerFixture node = BrokerFixture.start(dir.resolve("data"));
                Admin admin = node.admin();
                KafkaProducer<byte[], byte[]> producer = node.producer();
                KafkaConsumer<byte[], byte[]> counts = node.consumer(node.topic("counts", PARTITIONS))) {
            counts.assign(IntStream.range(0, PARTITIONS)
                    .mapToObj(partition -> new TopicPartition("counts", partition))
                    .toList());
            node.topic("text", PARTITIONS);
            EcosystemProcess first = launch(node);
            launch(node);
            eventually(() -> assertShared(admin, 2));
            write(producer, 2_000);
            eventually(() -> {
                read(counts);
                assertThat(counted).as("nothing was disturbed: exactly").isEqualTo(expected);
            });

            write(producer, 1_000);
            first.kill();
            write(producer, 1_000);
            eventually(() -> assertShared(admin, 1));
            eventually(() -> assertAllCounted(counts));

            EcosystemProcess third = launch(node);
            eventually(() -> assertShared(admin, 2));
            write(producer, 1_000);
            third.stop();
            write(producer, 1_000);
            eventually(() -> assertShared(admin, 1));
            eventually(() -> assertAllCounted(counts));
        } catch (AssertionError | Exception e) {
            throw new AssertionError(
                    instances.stream().map(EcosystemProcess::output).toList().toString(), e);
        } finally {
            instances.forEach(EcosystemProcess::close);
        }
    }

    private EcosystemProcess launch(BrokerFixture node) throws IOException {
        Path home = dir.resolve("instance-" + instances.size());
        EcosystemProcess instance = EcosystemProcess.start(
                home,
                PROGRAM,
                node.address(),
                APPLICATION,
                "text",
                "counts",
                home.resolve("state").toString());
        instances.add(instance);
        return instance;
    }

    /** Stable, with so many members, of which each has work. */
    private static void assertShared(Admin admin, int members) throws Exception {
        ConsumerGroupDescription group = admin.describeConsumerGroups(List.of(APPLICATION))
                .describedGroups()
                .get(APPLICATION)
                .get(60, TimeUnit.SECONDS);
        assertThat(group.groupState()).isEqualTo(GroupState.STABLE);
        assertThat(group.members()).hasSize(members).allSatisfy(member -> assertThat(
                        member.assignment().topicPartitions())
                .isNotEmpty());
    }

    private void write(KafkaProducer<byte[], byte[]> producer, int count) {
        for (int i = 0; i < count; i++, lines++) {
            String line = "w" + lines % WORDS + " w" + (lines * 7 + 3) % WORDS;
            producer.send(new ProducerRecord<>("text", lines % PARTITIONS, null, line.getBytes(UTF_8)));
            for (String word : line.split(" ")) {
                expected.merge(word, 1L, Long::sum);
            }
        }
        producer.flush();
    }

    private void read(KafkaConsumer<byte[], byte[]> counts) {
        for (ConsumerRecord<byte[], byte[]> record : counts.poll(Duration.ofMillis(200))) {
            counted.put(
                    new String(record.key(), UTF_8),
                    ByteBuffer.wrap(record.value()).getLong());
        }
    }

    /** What was under way when an instance died may be counted twice. */
    private void assertAllCounted(KafkaConsumer<byte[], byte[]> counts) {
        read(counts);
        assertThat(expected)
                .allSatisfy((word, count) ->
                        assertThat(counted.getOrDefault(word, 0L)).as(word).isGreaterThanOrEqualTo(count));
    }

    private static void eventually(ThrowingRunnable holds) {
        await().atMost(Duration.ofSeconds(120))
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .untilAsserted(holds);
    }
}
