// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.foreign;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The stock Java consumer as a member in a process of its own, which can be killed: one that is closed in its process takes its leave, whatever
 * it is told, if it speaks the consumer protocol. Prints what {@code member.js} prints.
 */
public final class MemberProcess {

    private MemberProcess() {}

    /** Address, group, topic and protocol. */
    public static void main(String[] args) {
        Map<String, Object> config = new HashMap<>(Map.of(
                "bootstrap.servers", args[0],
                "group.id", args[1],
                "group.protocol", args[3],
                "auto.offset.reset", "earliest",
                "enable.auto.commit", false));
        if (args[3].equals("classic")) {
            config.put("session.timeout.ms", 10_000);
            config.put("heartbeat.interval.ms", 500);
            config.put("partition.assignment.strategy", CooperativeStickyAssignor.class.getName());
        }
        KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        Thread reader = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            consumer.wakeup();
            try {
                reader.join();
            } catch (InterruptedException end) {
                Thread.currentThread().interrupt();
            }
        }));
        try (consumer) {
            consumer.subscribe(List.of(args[2]));
            while (true) {
                take(consumer, consumer.poll(Duration.ofMillis(200)));
            }
        } catch (WakeupException leave) {
            // Told to end: the consumer is closed and leaves.
        }
    }

    private static void take(KafkaConsumer<byte[], byte[]> consumer, ConsumerRecords<byte[], byte[]> records) {
        Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            say("R %d %d %s %d"
                    .formatted(
                            record.partition(),
                            record.offset(),
                            new String(record.value(), UTF_8),
                            System.currentTimeMillis()));
            next.put(
                    new TopicPartition(record.topic(), record.partition()), new OffsetAndMetadata(record.offset() + 1));
        }
        try {
            consumer.commitSync(next);
            next.forEach((partition, offset) ->
                    say("C %d %d %d".formatted(partition.partition(), offset.offset(), System.currentTimeMillis())));
        } catch (CommitFailedException | RebalanceInProgressException | RetriableException outcome) {
            // A rebalance: who reads these partitions next starts where the last commit was.
        }
    }

    /** A line at once and whole: what is not printed when the process is killed was not read. */
    private static void say(String line) {
        byte[] bytes = (line + '\n').getBytes(UTF_8);
        System.out.write(bytes, 0, bytes.length);
        System.out.flush();
    }
}
