// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Apache Kafka's clients, set up alike for every broker. */
public final class Clients {

    private static final int ADMIN_TIMEOUT_S = 120;

    private Clients() {}

    static KafkaProducer<byte[], byte[]> producer(Target target, Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, target.bootstrap());
        all.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L << 20);
        return new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
    }

    static KafkaConsumer<byte[], byte[]> consumer(Target target) {
        Map<String, Object> settings = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                target.bootstrap(),
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest",
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                5000);
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    static Admin admin(Target target) {
        return Admin.create(
                Map.of("bootstrap.servers", target.bootstrap(), "default.api.timeout.ms", ADMIN_TIMEOUT_S * 1000));
    }

    /** A new topic under a name that was never used; returns when every partition answers for its end offset. */
    public static String createTopic(Target target, int partitionCount, Map<String, String> configs) throws Exception {
        return createTopic(target, partitionCount, 1, configs);
    }

    /** As above, with so many replicas of each partition. */
    static String createTopic(Target target, int partitionCount, int replicas, Map<String, String> configs)
            throws Exception {
        String topic = "bench-" + UUID.randomUUID();
        try (Admin admin = admin(target)) {
            admin.createTopics(List.of(new NewTopic(topic, partitionCount, (short) replicas).configs(configs)))
                    .all()
                    .get(ADMIN_TIMEOUT_S, TimeUnit.SECONDS);
            ends(admin, topic, partitionCount);
        }
        return topic;
    }

    /** Waits until it is gone for this client. */
    public static void deleteTopic(Target target, String topic) throws Exception {
        try (Admin admin = admin(target)) {
            admin.deleteTopics(List.of(topic)).all().get(ADMIN_TIMEOUT_S, TimeUnit.SECONDS);
        }
    }

    /**
     * Returns when every partition answers for its end offset.
     *
     * @throws IllegalStateException if one is not {@code expected}: the broker has lost records, or made some up
     */
    static void awaitEnds(Target target, String topic, int partitionCount, long expected) throws Exception {
        try (Admin admin = admin(target)) {
            ends(admin, topic, partitionCount).forEach((partition, end) -> {
                if (end.offset() != expected) {
                    throw new IllegalStateException(
                            target.name() + ": " + partition + " ends at " + end.offset() + ", not at " + expected);
                }
            });
        }
    }

    /** A broker may answer that the topic was created before it knows the topic itself: then we ask again. */
    private static Map<TopicPartition, ListOffsetsResultInfo> ends(Admin admin, String topic, int partitionCount)
            throws Exception {
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        for (int i = 0; i < partitionCount; i++) {
            ends.put(new TopicPartition(topic, i), OffsetSpec.latest());
        }
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(ADMIN_TIMEOUT_S);
        while (true) {
            try {
                return admin.listOffsets(ends).all().get(ADMIN_TIMEOUT_S, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof RetriableException) || System.nanoTime() > deadlineNs) {
                    throw e;
                }
                Thread.sleep(10);
            }
        }
    }
}
