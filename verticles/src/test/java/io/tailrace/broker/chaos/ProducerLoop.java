// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.chaos;

import io.tailrace.broker.chaos.Operation.Outcome;
import io.tailrace.broker.chaos.Operation.Send;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.FencedLeaderEpochException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteBufferSerializer;
import org.apache.kafka.common.serialization.VoidSerializer;

/** Sends to all partitions at a steady pace, with acks=all and idempotence. */
final class ProducerLoop extends Loop {

    /** Sent and not ended; more wait. */
    private static final int IN_FLIGHT_MAX = 200;

    /** Enough that segments of a megabyte close after half a minute. */
    private static final int RECORD_BYTES_MAX = 5_000;

    /** Numbers of producer objects, and values, of all producers of the process. */
    private static final AtomicInteger PRODUCERS = new AtomicInteger();

    private static final AtomicLong VALUES = new AtomicLong();

    private final String bootstrap;
    private final List<TopicPartition> partitions;
    private final int perSecond;

    ProducerLoop(String bootstrap, List<TopicPartition> partitions, int perSecond, History history, long seed) {
        super("producer", history, seed);
        this.bootstrap = bootstrap;
        this.partitions = partitions;
        this.perSecond = perSecond;
    }

    /** Definitely not written; anything else may have been. */
    static Outcome outcome(Exception error) {
        return error instanceof RecordTooLargeException
                        || error instanceof InvalidTopicException
                        || error instanceof AuthorizationException
                        || error instanceof SerializationException
                        || error instanceof UnknownTopicOrPartitionException
                ? Outcome.FAILED
                : Outcome.UNKNOWN;
    }

    private static boolean isEnd(Exception error) {
        return error instanceof ProducerFencedException
                || error instanceof OutOfOrderSequenceException
                || error instanceof InvalidProducerEpochException
                || error instanceof FencedLeaderEpochException;
    }

    static Map<String, Object> config(String bootstrap) {
        return Map.ofEntries(
                Map.entry("bootstrap.servers", bootstrap),
                Map.entry("acks", "all"),
                Map.entry("enable.idempotence", true),
                // Never: when a batch expires, the client takes a new epoch and sends the batches behind it anew, which
                // may be in the log already.
                Map.entry("delivery.timeout.ms", Integer.MAX_VALUE),
                Map.entry("request.timeout.ms", 3_000),
                Map.entry("max.block.ms", 10_000),
                Map.entry("linger.ms", 2),
                Map.entry("reconnect.backoff.max.ms", 500),
                Map.entry("socket.connection.setup.timeout.ms", 500),
                Map.entry("socket.connection.setup.timeout.max.ms", 1_000));
    }

    @Override
    void live(long untilMs) {
        int id = PRODUCERS.incrementAndGet();
        Semaphore room = new Semaphore(IN_FLIGHT_MAX);
        boolean[] unusable = {false};
        KafkaProducer<Void, ByteBuffer> producer =
                new KafkaProducer<>(config(bootstrap), new VoidSerializer(), new ByteBufferSerializer());
        try {
            for (long sequence = 0; lives(untilMs) && !unusable[0]; sequence++) {
                room.acquireUninterruptibly();
                send(producer, id, sequence, room, unusable);
                rest(1 + random.nextInt(Math.max(1, 2_000 / perSecond)));
            }
        } finally {
            // Some die with what they have in hand, and some finish it.
            producer.close(random.nextBoolean() ? Duration.ZERO : Duration.ofSeconds(25));
        }
    }

    private void send(
            KafkaProducer<Void, ByteBuffer> producer, int id, long sequence, Semaphore room, boolean[] unusable) {
        TopicPartition to = partitions.get(random.nextInt(partitions.size()));
        long value = VALUES.incrementAndGet();
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + random.nextInt(RECORD_BYTES_MAX));
        bytes.putLong(value).rewind();
        long beganMs = history.nowMs();
        try {
            producer.send(new ProducerRecord<>(to.topic(), to.partition(), null, bytes), (metadata, error) -> {
                room.release();
                boolean ok = error == null;
                history.add(new Send(
                        id,
                        sequence,
                        to,
                        value,
                        beganMs,
                        history.nowMs(),
                        ok ? Outcome.OK : outcome(error),
                        ok && metadata.hasOffset() ? metadata.offset() : -1,
                        ok ? "" : error.toString()));
                if (!ok && isEnd(error)) {
                    unusable[0] = true;
                    history.note("producer " + id + " has fallen out: " + error);
                }
            });
        } catch (KafkaException failed) {
            // Nothing was queued; the callback may or may not have been told.
            history.add(new Send(
                    id, sequence, to, value, beganMs, history.nowMs(), Outcome.UNKNOWN, -1, failed.toString()));
            unusable[0] = true;
        }
    }
}
