// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.chaos;

import io.tailrace.broker.chaos.Operation.Commit;
import io.tailrace.broker.chaos.Operation.Committed;
import io.tailrace.broker.chaos.Operation.Mode;
import io.tailrace.broker.chaos.Operation.Outcome;
import io.tailrace.broker.chaos.Operation.Poll;
import io.tailrace.broker.chaos.Operation.Seen;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;

/** Reads all partitions, alone by assignment or as a member of a group, and commits what it has read about once a second. */
final class ConsumerLoop extends Loop {

    private static final AtomicInteger CONSUMERS = new AtomicInteger();
    private static final Duration CALL = Duration.ofSeconds(10);
    private static final long COMMIT_MS = 1_000;

    private final String bootstrap;
    private final List<TopicPartition> partitions;
    private final String group;
    private final Mode mode;
    private final String protocol;

    /** @param protocol {@code group.protocol}; without meaning for {@link Mode#ASSIGN} */
    ConsumerLoop(
            String bootstrap,
            List<TopicPartition> partitions,
            String group,
            Mode mode,
            String protocol,
            History history,
            long seed) {
        super("consumer-" + group, history, seed);
        this.bootstrap = bootstrap;
        this.partitions = partitions;
        this.group = group;
        this.mode = mode;
        this.protocol = protocol;
    }

    static Map<String, Object> config(String bootstrap) {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", bootstrap);
        config.put("auto.offset.reset", "earliest");
        config.put("enable.auto.commit", false);
        config.put("request.timeout.ms", 3_000);
        config.put("default.api.timeout.ms", 10_000);
        config.put("fetch.max.wait.ms", 200);
        config.put("isolation.level", "read_committed");
        config.put("reconnect.backoff.max.ms", 500);
        config.put("socket.connection.setup.timeout.ms", 500);
        config.put("socket.connection.setup.timeout.max.ms", 1_000);
        return config;
    }

    private Map<String, Object> memberConfig() {
        Map<String, Object> config = config(bootstrap);
        config.put("group.id", group);
        config.put("group.protocol", protocol);
        if (protocol.equals("classic")) {
            config.put("session.timeout.ms", 6_000);
            config.put("heartbeat.interval.ms", 300);
        }
        return config;
    }

    @Override
    void live(long untilMs) {
        Life life = new Life();
        KafkaConsumer<ByteBuffer, ByteBuffer> consumer =
                new KafkaConsumer<>(memberConfig(), new ByteBufferDeserializer(), new ByteBufferDeserializer());
        try {
            if (mode == Mode.ASSIGN) {
                consumer.assign(partitions);
            } else {
                consumer.subscribe(
                        partitions.stream()
                                .map(TopicPartition::topic)
                                .distinct()
                                .toList(),
                        life);
            }
            long committedMs = history.nowMs();
            while (lives(untilMs)) {
                life.take(consumer.poll(Duration.ofMillis(100)));
                if (history.nowMs() - committedMs >= COMMIT_MS) {
                    committedMs = history.nowMs();
                    life.commit(consumer);
                }
            }
        } finally {
            consumer.close(CloseOptions.timeout(random.nextBoolean() ? Duration.ZERO : Duration.ofSeconds(5)));
        }
    }

    /** Of one consumer object. */
    private final class Life implements ConsumerRebalanceListener {

        private final int id = CONSUMERS.incrementAndGet();
        private final Map<TopicPartition, Long> read = new HashMap<>();
        private int span;

        void take(ConsumerRecords<ByteBuffer, ByteBuffer> records) {
            if (records.isEmpty()) {
                return;
            }
            List<Seen> seen = new ArrayList<>();
            for (ConsumerRecord<ByteBuffer, ByteBuffer> record : records) {
                TopicPartition partition = new TopicPartition(record.topic(), record.partition());
                seen.add(new Seen(partition, record.offset(), record.value().getLong()));
                read.put(partition, record.offset() + 1);
            }
            history.add(new Poll(id, mode, span, history.nowMs(), List.copyOf(seen)));
        }

        void commit(KafkaConsumer<ByteBuffer, ByteBuffer> consumer) {
            if (read.isEmpty()) {
                return;
            }
            Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
            read.forEach((partition, offset) -> positions.put(partition, new OffsetAndMetadata(offset)));
            Outcome outcome = Outcome.UNKNOWN;
            try {
                consumer.commitSync(positions, CALL);
                outcome = Outcome.OK;
            } catch (CommitFailedException | RebalanceInProgressException refused) {
                outcome = Outcome.FAILED;
            } catch (KafkaException unknown) {
                history.note("consumer " + id + " of " + group + " does not know of its commit: " + unknown);
            }
            long endedMs = history.nowMs();
            for (Map.Entry<TopicPartition, OffsetAndMetadata> it : positions.entrySet()) {
                history.add(new Commit(id, group, it.getKey(), it.getValue().offset(), endedMs, outcome));
            }
            if (mode == Mode.ASSIGN && random.nextInt(4) == 0) {
                readBack(consumer);
            }
        }

        private void readBack(KafkaConsumer<ByteBuffer, ByteBuffer> consumer) {
            long beganMs = history.nowMs();
            try {
                consumer.committed(new HashSet<>(partitions), CALL)
                        .forEach((partition, it) ->
                                history.add(new Committed(group, partition, it == null ? -1 : it.offset(), beganMs)));
            } catch (KafkaException late) {
                history.note("consumer " + id + " of " + group + " does not know what is committed: " + late);
            }
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> gone) {
            span++;
            read.keySet().removeAll(gone);
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> come) {
            span++;
            read.keySet().removeAll(come);
        }
    }
}
