// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.NodeProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Garbage from many connections, as fast as it can be sent, while clients work beside it: the process keeps within its bounds and does not
 * stop, and those clients lose no record and are not hung up on.
 *
 * <p>The node has the heap that the launcher gives it, resident from the start, and ends at once when memory runs out. After two seconds of garbage
 * it may grow by what requests may hold and by no more. {@code -Dtailrace.garbage.seconds=60} makes a long run of it, {@code -Dtailrace.garbage.seed} repeats one.
 */
@Isolated("it measures a process while it takes all of the machine")
class GarbageIT {

    private static final int SECONDS = Integer.getInteger("tailrace.garbage.seconds", 15);

    /** As many as there are cores to keep busy, several times over. */
    private static final int ATTACKERS = 16;

    /** Connections that each attacker leaves open, with whatever was begun on them. */
    private static final int LEFT_OPEN = 50;

    /** What requests may hold at once by default: pools of buffers may fill up to it, and stay so. */
    private static final long GROWTH_BYTES = 128L * 1024 * 1024;

    @TempDir
    Path dir;

    private final long seed = Long.getLong("tailrace.garbage.seed", System.nanoTime());
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private NodeProcess node;

    @BeforeEach
    void start() throws Exception {
        node = NodeProcess.start(
                dir.resolve("node"),
                List.of(
                        "-Xms160m",
                        "-Xmx160m",
                        "-XX:+AlwaysPreTouch",
                        "-XX:MaxDirectMemorySize=512m",
                        "-XX:+UseSerialGC",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-XX:TieredStopAtLevel=1",
                        "-Dio.netty.tryReflectionSetAccessible=true"));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", node.address()))) {
            admin.createTopics(List.of(
                            new NewTopic("beside", 1, (short) 1),
                            new NewTopic("honest", 1, (short) 1),
                            new NewTopic("quiet", 1, (short) 1),
                            new NewTopic("many-parts", 1_000, (short) 1),
                            new NewTopic("compacted", 1, (short) 1).configs(Map.of("cleanup.policy", "compact"))))
                    .all()
                    .get(60, TimeUnit.SECONDS);
        }
    }

    @AfterEach
    void stop() throws Exception {
        threads.shutdownNow();
        node.close();
    }

    @Test
    void keepsWithinItsMemoryAndServesOthersBesideGarbage() throws Exception {
        Future<Integer> produced = threads.submit(until(SECONDS + 2L, this::produceAndConsume));
        Map<Garbage, Integer> warmUp = attack(2);
        long before = node.residentBytes();
        Map<Garbage, Integer> sent = attack(SECONDS);
        long after = node.residentBytes();

        assertThat(warmUp.keySet()).isNotEmpty();
        assertThat(node.isAlive()).as("seed %d: %s", seed, node.output()).isTrue();
        assertThat(produced.get(60, TimeUnit.SECONDS)).as("seed %d", seed).isPositive();
        System.out.printf(
                "garbage: %d s, resident %d MiB before, %d MiB after, %d records beside it, sent %s%n",
                SECONDS, before >> 20, after >> 20, produced.get(), sent);
        assertThat(sent).as("all kinds were sent").hasSize(Garbage.values().length);
        assertThat(after - before).as("seed %d", seed).isLessThan(GROWTH_BYTES);
        assertThat(namesIn(dir)).containsExactly("node");
        assertThat(namesIn(dir.resolve("node"))).containsExactlyInAnyOrder("data", "output");
        assertThat(node.output()).doesNotContain("OutOfMemory", "NullPointerException", "LEAK");
    }

    private Map<Garbage, Integer> attack(int seconds) throws Exception {
        List<Future<Map<Garbage, Integer>>> attackers = new ArrayList<>();
        for (int i = 0; i < ATTACKERS; i++) {
            Random random = new Random(seed + i);
            attackers.add(threads.submit(() -> attack(random, seconds)));
        }
        Map<Garbage, Integer> sent = new EnumMap<>(Garbage.class);
        for (Future<Map<Garbage, Integer>> attacker : attackers) {
            attacker.get().forEach((kind, count) -> sent.merge(kind, count, Integer::sum));
        }
        return sent;
    }

    private Map<Garbage, Integer> attack(Random random, int seconds) throws IOException {
        Map<Garbage, Integer> sent = new EnumMap<>(Garbage.class);
        Queue<RawClient> open = new ArrayDeque<>();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (System.nanoTime() < end) {
            Garbage kind = Garbage.values()[random.nextInt(Garbage.values().length)];
            try {
                RawClient client = new RawClient(node.port());
                open.add(client);
                kind.send(client, random);
            } catch (IOException hungUp) {
                // its good right
            }
            sent.merge(kind, 1, Integer::sum);
            if (open.size() > LEFT_OPEN) {
                RawClient oldest = open.remove();
                if (random.nextBoolean()) {
                    oldest.reset();
                } else {
                    oldest.close();
                }
            }
        }
        open.forEach(RawClient::close);
        return sent;
    }

    private static Callable<Integer> until(long seconds, Work work) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        return () -> work.run(end);
    }

    private interface Work {
        int run(long endNanos) throws Exception;
    }

    /** Writes and reads; whatever fails or is missing ends it. */
    private int produceAndConsume(long endNanos) throws Exception {
        int count = 0;
        TopicPartition partition = new TopicPartition("beside", 0);
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                        Map.of("bootstrap.servers", node.address(), "retries", 0, "enable.idempotence", false),
                        new StringSerializer(),
                        new StringSerializer());
                KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                        Map.of("bootstrap.servers", node.address(), "auto.offset.reset", "earliest"),
                        new StringDeserializer(),
                        new StringDeserializer())) {
            consumer.assign(List.of(partition));
            while (System.nanoTime() < endNanos) {
                String value = "value " + count;
                assertThat(producer.send(new ProducerRecord<>("beside", value))
                                .get(30, TimeUnit.SECONDS)
                                .offset())
                        .isEqualTo(count);
                List<String> read = new ArrayList<>();
                while (read.isEmpty()) {
                    consumer.poll(Duration.ofSeconds(10)).forEach(record -> read.add(record.value()));
                }
                assertThat(read).containsExactly(value);
                count++;
            }
        }
        return count;
    }

    private static List<String> namesIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
