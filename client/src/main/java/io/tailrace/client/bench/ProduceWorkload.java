// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * One producer as fast as it can, its records dealt over the partitions in turn, a run of {@code runLength} records to each; then, if asked,
 * one consumer that reads them all back.
 *
 * @param name stable and short
 * @param partitionCount partitions of the topic
 * @param recordBytes value size
 * @param recordCount how many records to send
 * @param runLength how many records in succession go to one partition: 1 scatters as a keyed producer does
 * @param producer producer settings beyond the defaults of the bench
 * @param replicas of each partition
 * @param topic topic configs
 * @param consume whether to read the records back afterwards
 */
record ProduceWorkload(
        String name,
        int partitionCount,
        int recordBytes,
        int recordCount,
        int runLength,
        Map<String, Object> producer,
        int replicas,
        Map<String, String> topic,
        boolean consume)
        implements Workload {

    ProduceWorkload(
            String name,
            int partitionCount,
            int recordBytes,
            int recordCount,
            int runLength,
            Map<String, Object> producer,
            Map<String, String> topic,
            boolean consume) {
        this(name, partitionCount, recordBytes, recordCount, runLength, producer, 1, topic, consume);
    }

    @Override
    public int nodes() {
        return replicas;
    }

    private static final int PROGRESS_EVERY = 4096;
    private static final Duration POLL = Duration.ofMillis(500);
    private static final long STALL_MS = 30_000;

    @Override
    public List<Measure> run(Target target, Progress progress) throws Exception {
        String topicName = Clients.createTopic(target, partitionCount, replicas, topic);
        List<Measure> measures = new ArrayList<>();
        try {
            measures.addAll(measure("produce." + name, target, () -> produce(target, topicName, progress)));
            if (consume) {
                measures.addAll(measure("consume." + name, target, () -> consume(target, topicName, progress)));
            }
        } finally {
            Clients.deleteTopic(target, topicName);
        }
        return measures;
    }

    private interface Step {
        void run() throws Exception;
    }

    private List<Measure> measure(String prefix, Target target, Step step) throws Exception {
        QuietDisk.await();
        Optional<ProcessStats> before = target.stats();
        long startNs = System.nanoTime();
        step.run();
        double wallS = (System.nanoTime() - startNs) / 1e9;
        List<Measure> found = new ArrayList<>();
        found.add(new Measure(prefix + ".records_per_s", recordCount / wallS, "rec/s"));
        if (before.isPresent()) {
            ProcessStats after = target.stats().orElseThrow();
            double cpuS = after.cpuS() - before.get().cpuS();
            double busyS = after.busyS() - before.get().busyS();
            double gb = (double) recordCount * recordBytes / 1e9;
            found.add(new Measure(prefix + ".cpu_s_per_gb", cpuS / gb, "s/GB"));
            found.add(new Measure(prefix + ".cpu_s_per_gb_without_jit", busyS / gb, "s/GB"));
            found.add(new Measure(prefix + ".cpu_s_per_mrec", cpuS / (recordCount / 1e6), "s/Mrec"));
            found.add(new Measure(prefix + ".resident", after.residentBytes() / 1048576.0, "MiB"));
        }
        return found;
    }

    void produce(Target target, String topicName, Progress progress) {
        byte[][] values = Payloads.letters(recordBytes);
        AtomicReference<@Nullable Exception> refusal = new AtomicReference<>();
        try (KafkaProducer<byte[], byte[]> client = Clients.producer(target, producer)) {
            for (int i = 0; i < recordCount; i++) {
                int partition = i / runLength % partitionCount;
                var unused = client.send(
                        new ProducerRecord<>(topicName, partition, null, values[i % values.length]),
                        (metadata, error) -> {
                            if (error != null) {
                                refusal.compareAndSet(null, error);
                            }
                        });
                if (i % PROGRESS_EVERY == 0) {
                    progress.at((double) i / recordCount);
                }
            }
            client.flush();
        }
        if (refusal.get() != null) {
            throw new IllegalStateException(target.name() + " refused records", refusal.get());
        }
    }

    private void consume(Target target, String topicName, Progress progress) {
        try (KafkaConsumer<byte[], byte[]> client = Clients.consumer(target)) {
            List<TopicPartition> partitions = IntStream.range(0, partitionCount)
                    .mapToObj(i -> new TopicPartition(topicName, i))
                    .toList();
            client.assign(partitions);
            client.seekToBeginning(partitions);
            long seen = 0;
            long lastMs = System.currentTimeMillis();
            while (seen < recordCount) {
                ConsumerRecords<byte[], byte[]> records = client.poll(POLL);
                seen += records.count();
                long nowMs = System.currentTimeMillis();
                if (records.count() > 0) {
                    lastMs = nowMs;
                } else if (nowMs - lastMs > STALL_MS) {
                    throw new IllegalStateException(
                            target.name() + " delivered " + seen + " of " + recordCount + " records");
                }
                progress.at((double) seen / recordCount);
            }
        }
    }
}
