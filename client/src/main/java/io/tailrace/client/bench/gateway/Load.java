// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench.gateway;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes records at an even pace from a thread of its own, keys in turn; a latency counts from when a record was due. */
final class Load implements AutoCloseable {

    private static final long HIGHEST_NS = 120_000_000_000L;

    private final KafkaProducer<byte[], byte[]> producer;
    private final Shape shape;
    private final String topic;
    private final Thread thread;
    private final AtomicLong written = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final Histogram acks = new ConcurrentHistogram(HIGHEST_NS, 3);
    private volatile boolean stopping;
    private volatile long sent;

    /**
     * What to write.
     *
     * @param keyCount record n has key n modulo this; 0 for records without a key
     * @param ratePerS records a second
     * @param lingerMs how long the producer waits for more to go with a record
     */
    record Shape(int recordBytes, int keyCount, double ratePerS, int lingerMs) {}

    Load(String bootstrap, String topic, Shape shape) {
        this.topic = topic;
        this.shape = shape;
        this.producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrap,
                        "acks",
                        "all",
                        "linger.ms",
                        shape.lingerMs,
                        "buffer.memory",
                        64L << 20),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        this.thread = Thread.ofPlatform().name("bench-load").start(this::run);
    }

    static byte[] key(int number) {
        return ("k" + number).getBytes(StandardCharsets.US_ASCII);
    }

    private void run() {
        long startNs = System.nanoTime();
        for (long n = 0; !stopping; n++) {
            long dueNs = startNs + (long) (n * 1e9 / shape.ratePerS);
            for (long waitNs = dueNs - System.nanoTime(); waitNs > 0 && !stopping; waitNs = dueNs - System.nanoTime()) {
                LockSupport.parkNanos(waitNs);
            }
            byte[] key = shape.keyCount == 0 ? null : key((int) (n % shape.keyCount));
            long number = shape.keyCount == 0 ? n : n / shape.keyCount;
            var unused = producer.send(
                    new ProducerRecord<>(topic, key, Mark.value(shape.recordBytes, dueNs, number)),
                    (metadata, error) -> acknowledged(dueNs, error == null));
            sent = n + 1;
        }
    }

    private void acknowledged(long dueNs, boolean taken) {
        if (taken) {
            written.incrementAndGet();
            acks.recordValue(Math.clamp(System.nanoTime() - dueNs, 0, HIGHEST_NS));
        } else {
            failed.incrementAndGet();
        }
    }

    /** Acknowledged so far. */
    long written() {
        return written.get();
    }

    /** From when a record was due to its acknowledgement. */
    Histogram acks() {
        return acks;
    }

    /** Stops and waits for what is under way; how many records there are of each key, in the order of the keys' numbers, follows from {@link #sent}. */
    long finish() throws InterruptedException {
        stopping = true;
        thread.join();
        producer.flush();
        if (failed.get() > 0) {
            throw new IllegalStateException(failed + " records were refused");
        }
        return sent;
    }

    @Override
    public void close() {
        stopping = true;
        producer.close();
    }
}
