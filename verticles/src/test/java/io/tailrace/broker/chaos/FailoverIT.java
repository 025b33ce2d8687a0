// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tailrace.broker.ClusterProcesses;
import io.tailrace.broker.chaos.Operation.Mode;
import io.tailrace.broker.chaos.Operation.Outcome;
import io.tailrace.broker.chaos.Operation.Poll;
import io.tailrace.broker.chaos.Operation.Seen;
import io.tailrace.broker.chaos.Operation.Send;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;
import org.apache.kafka.common.serialization.ByteBufferSerializer;
import org.apache.kafka.common.serialization.VoidSerializer;
import org.junit.jupiter.api.Test;

/**
 * How long clients wait when the leader of their partition is killed, or held: the longest time between two acknowledgements, and between two
 * records read, around it. The times are told and not judged, as they are the machine's too; that nothing is lost is judged.
 */
class FailoverIT {

    private static final int TIMES = Integer.getInteger("tailrace.chaos.times", 2);
    private static final boolean BY_PAUSE =
            System.getProperty("tailrace.chaos.by", "kill").equals("pause");
    private static final TopicPartition PARTITION = new TopicPartition("failover", 0);
    private static final int NODES = 3;
    private static final int EVERY_MS = 10;

    /** Longer than anybody may need to miss it. */
    private static final int PAUSE_MS = 15_000;

    private final History history = new History();
    private final AtomicBoolean wanted = new AtomicBoolean(true);

    @Test
    void nothingIsLostWhenLeadersFallAndOthersTakeOver() throws Exception {
        Path dir = Files.createDirectories(Path.of(
                "target", "failover", Long.toString(ProcessHandle.current().pid())));
        List<String> lines = new ArrayList<>();
        List<Long> produceMs = new ArrayList<>();
        List<Long> consumeMs = new ArrayList<>();
        try (ClusterProcesses cluster = new ClusterProcesses(dir.toAbsolutePath(), NODES)) {
            for (int node = 1; node <= NODES; node++) {
                cluster.start(node);
            }
            try (ClusterView view = new ClusterView(cluster)) {
                create(view);
                Thread producing = new Thread(() -> produce(cluster.bootstrap()), "failover-producer");
                Thread consuming = new Thread(() -> consume(cluster.bootstrap()), "failover-consumer");
                producing.start();
                consuming.start();
                for (int i = 0; i < TIMES; i++) {
                    one(cluster, view, lines, produceMs, consumeMs);
                }
                wanted.set(false);
                producing.join(TimeUnit.MINUTES.toMillis(2));
                consuming.join(TimeUnit.MINUTES.toMillis(2));
                until(view::isWhole);
                lookAtAll(cluster.bootstrap());
            }
        }
        history.write(dir);
        lines.forEach(System.out::println);
        System.out.println("failover by " + (BY_PAUSE ? "SIGSTOP" : "kill -9") + ": time without an acknowledgement "
                + Figures.of(produceMs) + "; without a record read " + Figures.of(consumeMs));
        assertThat(Checker.check(history.operations()))
                .noneMatch(it -> it.kind().forbidden());
    }

    private void create(ClusterView view) {
        until(view::isWhole);
        await().atMost(Duration.ofSeconds(120)).ignoreExceptions().until(() -> {
            view.admin()
                    .createTopics(List.of(new NewTopic(PARTITION.topic(), 1, (short) NODES)
                            .configs(Map.of("min.insync.replicas", "2"))))
                    .all()
                    .get(10, TimeUnit.SECONDS);
            return true;
        });
    }

    private void one(
            ClusterProcesses cluster, ClusterView view, List<String> lines, List<Long> produceMs, List<Long> consumeMs)
            throws IOException, InterruptedException {
        until(view::isWhole);
        long steadyMs = history.nowMs();
        until(() -> history.acknowledgedSince(steadyMs) > 50);
        TimeUnit.SECONDS.sleep(1); // and the clients' metadata is settled
        int leader = view.leader(PARTITION).orElseThrow();
        boolean controls = view.controller().orElse(-1) == leader;
        long beganMs = history.nowMs();
        if (BY_PAUSE) {
            cluster.pause(leader);
        } else {
            cluster.kill(leader);
        }
        until(() -> isBack(beganMs));
        long acknowledgements = gap(acknowledgedMs(), beganMs);
        long records = gap(polledMs(), beganMs);
        produceMs.add(acknowledgements);
        consumeMs.add(records);
        lines.add("  node " + leader + (controls ? " (controller too)" : "") + ": no acknowledgement for "
                + acknowledgements + " ms, no record for " + records + " ms");
        if (BY_PAUSE) {
            TimeUnit.MILLISECONDS.sleep(Math.max(0, beganMs + PAUSE_MS - history.nowMs()));
            cluster.resume(leader);
        } else {
            cluster.start(leader);
        }
    }

    /** Records sent after the fall are acknowledged and read. */
    private boolean isBack(long beganMs) {
        List<Send> after = history.operations().stream()
                .filter(it -> it instanceof Send send && send.beganMs() > beganMs && send.outcome() == Outcome.OK)
                .map(Send.class::cast)
                .toList();
        if (after.size() < 20) {
            return false;
        }
        long offset = after.getFirst().offset();
        return history.operations().stream()
                .anyMatch(it -> it instanceof Poll poll
                        && poll.endedMs() > beganMs
                        && poll.seen().getLast().offset() >= offset);
    }

    private LongStream acknowledgedMs() {
        return history.operations().stream()
                .filter(it -> it instanceof Send send && send.outcome() == Outcome.OK)
                .mapToLong(it -> ((Send) it).endedMs());
    }

    private LongStream polledMs() {
        return history.operations().stream().filter(Poll.class::isInstance).mapToLong(it -> ((Poll) it).endedMs());
    }

    /** The longest time between two of them, from the last before {@code sinceMs} on. */
    private static long gap(LongStream timesMs, long sinceMs) {
        long before = -1;
        long longest = 0;
        for (long timeMs : timesMs.sorted().toArray()) {
            if (before >= 0 && timeMs >= sinceMs) {
                longest = Math.max(longest, timeMs - before);
            }
            before = timeMs;
        }
        return longest;
    }

    private void produce(String bootstrap) {
        try (KafkaProducer<Void, ByteBuffer> producer =
                new KafkaProducer<>(ProducerLoop.config(bootstrap), new VoidSerializer(), new ByteBufferSerializer())) {
            for (long value = 0; wanted.get(); value++) {
                send(producer, value);
                TimeUnit.MILLISECONDS.sleep(EVERY_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void send(KafkaProducer<Void, ByteBuffer> producer, long value) {
        ByteBuffer bytes = ByteBuffer.allocate(100).putLong(value).rewind();
        long beganMs = history.nowMs();
        producer.send(new ProducerRecord<>(PARTITION.topic(), 0, null, bytes), (metadata, error) -> {
            boolean ok = error == null;
            history.add(new Send(
                    1,
                    value,
                    PARTITION,
                    value,
                    beganMs,
                    history.nowMs(),
                    ok ? Outcome.OK : ProducerLoop.outcome(error),
                    ok && metadata.hasOffset() ? metadata.offset() : -1,
                    ok ? "" : error.toString()));
        });
    }

    private void consume(String bootstrap) {
        try (KafkaConsumer<ByteBuffer, ByteBuffer> consumer = new KafkaConsumer<>(
                ConsumerLoop.config(bootstrap), new ByteBufferDeserializer(), new ByteBufferDeserializer())) {
            consumer.assign(List.of(PARTITION));
            while (wanted.get()) {
                poll(consumer, 1, Mode.ASSIGN);
            }
        }
    }

    private void poll(KafkaConsumer<ByteBuffer, ByteBuffer> consumer, int id, Mode mode) {
        List<Seen> seen = new ArrayList<>();
        for (ConsumerRecord<ByteBuffer, ByteBuffer> record : consumer.poll(Duration.ofMillis(100))) {
            seen.add(new Seen(PARTITION, record.offset(), record.value().getLong()));
        }
        if (!seen.isEmpty()) {
            history.add(new Poll(id, mode, 0, history.nowMs(), seen));
        }
    }

    private void lookAtAll(String bootstrap) {
        try (KafkaConsumer<ByteBuffer, ByteBuffer> consumer = new KafkaConsumer<>(
                ConsumerLoop.config(bootstrap), new ByteBufferDeserializer(), new ByteBufferDeserializer())) {
            consumer.assign(List.of(PARTITION));
            consumer.seekToBeginning(List.of(PARTITION));
            long end = consumer.endOffsets(List.of(PARTITION)).get(PARTITION);
            until(() -> {
                poll(consumer, 0, Mode.FINAL);
                return consumer.position(PARTITION) >= end;
            });
        }
    }

    private static void until(BooleanSupplier holds) {
        await().atMost(Duration.ofSeconds(120))
                .pollInterval(Duration.ofMillis(50))
                .pollInSameThread()
                .until(holds::getAsBoolean);
    }
}
