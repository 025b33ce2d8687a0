// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * How long a record takes at a fixed rate: to be acknowledged by all in-sync replicas, and to reach a consumer.
 *
 * <p>The load is open: record {@code n} is due at {@code start + n / rate} whatever became of the ones before, and its latency counts from
 * when it was due, not from when a stalled sender got round to it. So a pause of the broker is charged to every record that it delayed
 * (no coordinated omission).
 *
 * @param ratePerS records a second
 * @param warmS seconds that are not counted
 * @param secondsS seconds that are
 * @param replicas of the partition
 */
record LatencyWorkload(String name, int ratePerS, int warmS, int secondsS, int recordBytes, int replicas)
        implements Workload {

    private static final long HIGHEST_NS = 60_000_000_000L;
    private static final int DRAIN_POLLS = 50;

    @Override
    public int nodes() {
        return replicas;
    }

    @Override
    public List<Measure> run(Target target, Progress progress) throws Exception {
        String topic = Clients.createTopic(target, 1, replicas, Map.of());
        Histogram acks = new ConcurrentHistogram(HIGHEST_NS, 3);
        Histogram deliveries = new ConcurrentHistogram(HIGHEST_NS, 3);
        AtomicLong failed = new AtomicLong();
        AtomicLong seen = new AtomicLong();
        long total = (long) ratePerS * (warmS + secondsS);
        QuietDisk.await();
        Optional<ProcessStats> before = target.stats();
        try (KafkaConsumer<byte[], byte[]> consumer = Clients.consumer(target)) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            consumer.poll(Duration.ofMillis(100));
            long startNs = System.nanoTime() + 200_000_000L;
            long countedFromNs = startNs + warmS * 1_000_000_000L;
            Thread sender = Thread.ofPlatform()
                    .name("bench-sender")
                    .start(() -> send(target, topic, total, startNs, countedFromNs, acks, failed));
            int idle = 0;
            while (seen.get() < total && idle < DRAIN_POLLS) {
                var records = consumer.poll(Duration.ofMillis(200));
                long nowNs = System.nanoTime();
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    long dueNs = ByteBuffer.wrap(record.value()).getLong();
                    if (dueNs >= countedFromNs) {
                        deliveries.recordValue(Math.clamp(nowNs - dueNs, 0, HIGHEST_NS));
                    }
                    seen.incrementAndGet();
                }
                idle = records.isEmpty() && !sender.isAlive() ? idle + 1 : 0;
                progress.at((double) seen.get() / total);
            }
            sender.join();
        } finally {
            Clients.deleteTopic(target, topic);
        }
        if (failed.get() > 0 || seen.get() < total) {
            throw new IllegalStateException(
                    target.name() + " refused " + failed + " and delivered " + seen + " of " + total + " records");
        }
        List<Measure> found = new ArrayList<>(percentiles("latency." + name + ".ack", acks));
        found.addAll(percentiles("latency." + name + ".delivery", deliveries));
        before.ifPresent(stats -> found.add(new Measure(
                "latency." + name + ".cpu_per_record",
                (target.stats().orElseThrow().cpuS() - stats.cpuS()) * 1e6 / total,
                "us")));
        return found;
    }

    private void send(
            Target target,
            String topic,
            long total,
            long startNs,
            long countedFromNs,
            Histogram acks,
            AtomicLong failed) {
        Map<String, Object> settings =
                Map.of("acks", "all", "linger.ms", 0, "max.in.flight.requests.per.connection", 5);
        try (KafkaProducer<byte[], byte[]> producer = Clients.producer(target, settings)) {
            for (long n = 0; n < total; n++) {
                long dueNs = startNs + n * 1_000_000_000L / ratePerS;
                for (long waitNs = dueNs - System.nanoTime(); waitNs > 0; waitNs = dueNs - System.nanoTime()) {
                    LockSupport.parkNanos(waitNs);
                }
                byte[] value = new byte[recordBytes];
                ByteBuffer.wrap(value).putLong(dueNs);
                var unused = producer.send(new ProducerRecord<>(topic, 0, null, value), (metadata, error) -> {
                    if (error != null) {
                        failed.incrementAndGet();
                    } else if (dueNs >= countedFromNs) {
                        acks.recordValue(Math.clamp(System.nanoTime() - dueNs, 0, HIGHEST_NS));
                    }
                });
            }
        }
    }

    private static List<Measure> percentiles(String prefix, Histogram histogram) {
        return List.of(
                new Measure(prefix + ".p50", histogram.getValueAtPercentile(50) / 1e6, "ms"),
                new Measure(prefix + ".p99", histogram.getValueAtPercentile(99) / 1e6, "ms"),
                new Measure(prefix + ".p99_9", histogram.getValueAtPercentile(99.9) / 1e6, "ms"),
                new Measure(prefix + ".max", histogram.getMaxValue() / 1e6, "ms"));
    }
}
