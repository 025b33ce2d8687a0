// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Properties;
import java.util.Queue;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.LongSerializer;
import org.apache.kafka.common.serialization.VoidDeserializer;
import org.apache.kafka.common.serialization.VoidSerializer;

/**
 * A stock producer that writes to all partitions in turn, and a stock consumer in a group that reads them, while a cluster is worked on. What either
 * of them tells its application is kept: a callback with an error, an exception of {@code poll}. What they mend by themselves is not.
 */
final class RollingLoad implements AutoCloseable {

    private final List<TopicPartition> partitions;
    private final String bootstrap;
    private final int everyMicros;
    private final Map<TopicPartition, Queue<Long>> acknowledged = new ConcurrentHashMap<>();
    private final Map<TopicPartition, NavigableSet<Long>> read = new ConcurrentHashMap<>();
    private final Queue<String> errors = new ConcurrentLinkedQueue<>();
    private final AtomicLong acknowledgements = new AtomicLong();
    private final AtomicLong lastNanos = new AtomicLong(System.nanoTime());
    private final AtomicLong longestGapNanos = new AtomicLong();
    private final Thread producing;
    private final Thread consuming;
    private volatile boolean producingWanted = true;
    private volatile boolean consumingWanted = true;

    RollingLoad(String bootstrap, List<TopicPartition> partitions, int perSecond) {
        this.bootstrap = bootstrap;
        this.partitions = List.copyOf(partitions);
        this.everyMicros = 1_000_000 / perSecond;
        producing = new Thread(this::produce, "rolling-producer");
        consuming = new Thread(this::consume, "rolling-consumer");
        producing.start();
        consuming.start();
    }

    long acknowledgements() {
        return acknowledgements.get();
    }

    /** The longest time without an acknowledgement since the last call. */
    long longestGapMs() {
        return TimeUnit.NANOSECONDS.toMillis(longestGapNanos.getAndSet(0));
    }

    /** What the application was told of. */
    List<String> errors() {
        return List.copyOf(errors);
    }

    /** No more is sent; done when all that was is settled. */
    void stopProducing() throws InterruptedException {
        producingWanted = false;
        producing.join(TimeUnit.MINUTES.toMillis(3));
    }

    /** Acknowledged, and not read yet. */
    List<String> unread() {
        List<String> unread = new ArrayList<>();
        acknowledged.forEach((partition, values) -> {
            NavigableSet<Long> seen = read.getOrDefault(partition, new TreeSet<>());
            synchronized (seen) {
                values.stream().filter(it -> !seen.contains(it)).forEach(it -> unread.add(partition + ": " + it));
            }
        });
        return unread;
    }

    private void produce() {
        Properties config = new Properties();
        config.put("bootstrap.servers", bootstrap);
        config.put("acks", "all");
        config.put("linger.ms", "5");
        try (KafkaProducer<Void, Long> producer =
                new KafkaProducer<>(config, new VoidSerializer(), new LongSerializer())) {
            for (long value = 0; producingWanted; value++) {
                TopicPartition partition = partitions.get((int) (value % partitions.size()));
                long sent = value;
                var unused = producer.send(
                        new ProducerRecord<>(partition.topic(), partition.partition(), null, value),
                        (metadata, error) -> acknowledged(partition, sent, error));
                TimeUnit.MICROSECONDS.sleep(everyMicros);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            errors.add("the producer's application: " + e);
        }
    }

    private void acknowledged(TopicPartition partition, long value, Exception error) {
        if (error != null) {
            errors.add(partition + ": send of " + value + ": " + error);
            return;
        }
        acknowledged
                .computeIfAbsent(partition, first -> new ConcurrentLinkedQueue<>())
                .add(value);
        acknowledgements.incrementAndGet();
        long now = System.nanoTime();
        longestGapNanos.accumulateAndGet(now - lastNanos.getAndSet(now), Math::max);
    }

    private void consume() {
        Properties config = new Properties();
        config.put("bootstrap.servers", bootstrap);
        config.put("group.id", "rolling");
        config.put("auto.offset.reset", "earliest");
        try (KafkaConsumer<Void, Long> consumer =
                new KafkaConsumer<>(config, new VoidDeserializer(), new LongDeserializer())) {
            consumer.subscribe(
                    partitions.stream().map(TopicPartition::topic).distinct().toList());
            while (consumingWanted) {
                for (ConsumerRecord<Void, Long> record : consumer.poll(Duration.ofMillis(200))) {
                    read(new TopicPartition(record.topic(), record.partition()), record.value());
                }
            }
        } catch (RuntimeException e) {
            errors.add("the consumer's application: " + e);
        }
    }

    /** A consumer that comes back to what it had not committed reads it again, in order; what is new comes in order. */
    private void read(TopicPartition partition, long value) {
        NavigableSet<Long> seen = read.computeIfAbsent(partition, first -> new TreeSet<>());
        synchronized (seen) {
            if (!seen.isEmpty() && value < seen.last() && !seen.contains(value)) {
                errors.add(partition + ": " + value + " came after " + seen.last());
            }
            seen.add(value);
        }
    }

    @Override
    public void close() {
        consumingWanted = false;
        try {
            stopProducing();
            consuming.join(TimeUnit.MINUTES.toMillis(1));
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
