// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.serialization.IntegerDeserializer;
import org.apache.kafka.common.serialization.IntegerSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes as three processes, a topic on all of them, stock clients, and leaders that are killed. */
class ReplicationIT {

    private static final String TOPIC = "replicated";
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
    private static final String RACK_AWARE = "org.apache.kafka.common.replica.RackAwareReplicaSelector";
    private static final int KILLS = Integer.getInteger("tailrace.it.kills", 2);

    @TempDir
    private Path dir;

    private ClusterProcesses cluster;

    @BeforeEach
    void start() throws Exception {
        cluster = new ClusterProcesses(dir, 3);
        for (int node = 1; node <= 3; node++) {
            cluster.start(node, "broker.rack", "rack" + node, "replica.selector.class", RACK_AWARE);
        }
        try (Admin admin = cluster.admin()) {
            cluster.eventually(() -> assertThat(admin.describeCluster().nodes().get(30, TimeUnit.SECONDS))
                    .hasSize(3));
            admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 3).configs(Map.of("min.insync.replicas", "2"))))
                    .all()
                    .get(60, TimeUnit.SECONDS);
        }
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    /** An idempotent producer with acks=all goes on sending while the leader is killed and started again, several times. */
    @Test
    void losesAndDoublesNothingWhenLeadersAreKilled() throws Exception {
        AtomicBoolean sending = new AtomicBoolean(true);
        AtomicInteger next = new AtomicInteger();
        ConcurrentSkipListMap<Integer, Long> acknowledged = new ConcurrentSkipListMap<>();
        AtomicReference<Exception> failure = new AtomicReference<>();
        try (Admin admin = cluster.admin();
                KafkaProducer<Integer, Integer> producer = new KafkaProducer<>(producerConfig())) {
            Thread sender = new Thread(() -> {
                while (sending.get()) {
                    int value = next.getAndIncrement();
                    producer.send(new ProducerRecord<>(TOPIC, 0, value, value), (metadata, error) -> {
                        if (error == null) {
                            acknowledged.put(value, metadata.offset());
                        } else {
                            failure.compareAndSet(null, error);
                        }
                    });
                    if (value % 50 == 0) {
                        producer.flush();
                    }
                }
                producer.flush();
            });
            sender.start();
            for (int kill = 0; kill < KILLS; kill++) {
                progress(acknowledged);
                cluster.eventually(() -> assertThat(partition(admin).isr()).hasSize(3));
                int leader = partition(admin).leader().id();
                cluster.kill(leader);
                progress(acknowledged);
                assertThat(partition(admin).leader().id()).isNotEqualTo(leader);
                cluster.start(leader);
            }
            cluster.eventually(() -> assertThat(partition(admin).isr()).hasSize(3));
            sending.set(false);
            sender.join(TimeUnit.SECONDS.toMillis(120));
            assertThat(sender.isAlive()).isFalse();
        }
        assertThat(failure.get()).as(() -> cluster.outputs()).isNull();
        assertThat(acknowledged).hasSize(next.get());

        List<Integer> consumed = consume(next.get());
        assertThat(consumed).as("everything, once, in the order sent").isEqualTo(List.copyOf(acknowledged.keySet()));
        List<Long> offsets = List.copyOf(acknowledged.values());
        assertThat(offsets).isSorted().doesNotHaveDuplicates();
    }

    /** The consumer says in which rack it is, and reads from the follower there, everything (KIP-392). */
    @Test
    void aConsumerReadsFromTheReplicaInItsRack() throws Exception {
        int leader;
        try (Admin admin = cluster.admin();
                KafkaProducer<Integer, Integer> producer = new KafkaProducer<>(producerConfig())) {
            cluster.eventually(() -> assertThat(partition(admin).isr()).hasSize(3));
            leader = partition(admin).leader().id();
            for (int value = 0; value < 100; value++) {
                producer.send(new ProducerRecord<>(TOPIC, 0, value, value)).get(60, TimeUnit.SECONDS);
            }
            int near = leader % 3 + 1;
            Properties config = consumerConfig();
            config.put("client.rack", "rack" + near);
            List<Integer> values = new ArrayList<>();
            try (KafkaConsumer<Integer, Integer> consumer = new KafkaConsumer<>(config)) {
                consumer.assign(List.of(PARTITION));
                consumer.seekToBeginning(List.of(PARTITION));
                cluster.eventually(() -> {
                    consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
                    assertThat(values).hasSizeGreaterThanOrEqualTo(100);
                });
                producer.send(new ProducerRecord<>(TOPIC, 0, 100, 100)).get(60, TimeUnit.SECONDS);
                cluster.eventually(() -> {
                    consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
                    assertThat(values).hasSize(101);
                });
                assertThat(preferredReplica(consumer)).isEqualTo(near);
            }
            assertThat(values).isSorted().doesNotHaveDuplicates();
        }
    }

    /** What was deleted stays deleted, whoever leads next: the answer comes when all have deleted it (KIP-107). */
    @Test
    void deletedRecordsAreGoneFromEveryReplica() throws Exception {
        try (Admin admin = cluster.admin();
                KafkaProducer<Integer, Integer> producer = new KafkaProducer<>(producerConfig())) {
            cluster.eventually(() -> assertThat(partition(admin).isr()).hasSize(3));
            for (int value = 0; value < 20; value++) {
                producer.send(new ProducerRecord<>(TOPIC, 0, value, value)).get(60, TimeUnit.SECONDS);
            }

            long low = admin.deleteRecords(Map.of(PARTITION, RecordsToDelete.beforeOffset(15)))
                    .lowWatermarks()
                    .get(PARTITION)
                    .get(60, TimeUnit.SECONDS)
                    .lowWatermark();
            int leader = partition(admin).leader().id();
            cluster.kill(leader);

            assertThat(low).isEqualTo(15);
            cluster.eventually(() -> assertThat(partition(admin).leader().id()).isNotEqualTo(leader));
            assertThat(admin.listOffsets(Map.of(PARTITION, OffsetSpec.earliest()))
                            .partitionResult(PARTITION)
                            .get(60, TimeUnit.SECONDS)
                            .offset())
                    .isEqualTo(15);
        }
    }

    /** The high watermark is not kept on disk: until it is known again, nobody is told where the log ends (KIP-207). */
    @Test
    void theEndOfTheLogDoesNotStepBackWhenAllAreStartedAgain() throws Exception {
        try (Admin admin = cluster.admin();
                KafkaProducer<Integer, Integer> producer = new KafkaProducer<>(producerConfig())) {
            cluster.eventually(() -> assertThat(partition(admin).isr()).hasSize(3));
            for (int value = 0; value < 20; value++) {
                producer.send(new ProducerRecord<>(TOPIC, 0, value, value)).get(60, TimeUnit.SECONDS);
            }
        }
        for (int node = 1; node <= 3; node++) {
            cluster.kill(node);
        }
        for (int node = 1; node <= 3; node++) {
            cluster.start(node);
        }

        List<Long> told = new ArrayList<>();
        try (Admin admin = cluster.admin()) {
            cluster.eventually(() -> {
                told.add(admin.listOffsets(Map.of(PARTITION, OffsetSpec.latest()))
                        .partitionResult(PARTITION)
                        .get(60, TimeUnit.SECONDS)
                        .offset());
                assertThat(partition(admin).isr()).hasSize(3);
            });
        }
        assertThat(told).isNotEmpty().containsOnly(20L);
        assertThat(consume(20)).hasSize(20);
    }

    private static int preferredReplica(KafkaConsumer<?, ?> consumer) {
        return consumer.metrics().values().stream()
                .filter(it -> it.metricName().name().equals("preferred-read-replica"))
                .map(it -> ((Number) it.metricValue()).intValue())
                .findFirst()
                .orElse(-1);
    }

    /** Waits until the producer gets further. */
    private void progress(Map<Integer, Long> acknowledged) {
        int before = acknowledged.size();
        cluster.eventually(() -> assertThat(acknowledged.size()).isGreaterThan(before + 200));
    }

    private List<Integer> consume(int count) {
        List<Integer> values = new ArrayList<>();
        Properties config = consumerConfig();
        try (KafkaConsumer<Integer, Integer> consumer = new KafkaConsumer<>(config)) {
            consumer.assign(List.of(PARTITION));
            consumer.seekToBeginning(List.of(PARTITION));
            cluster.eventually(() -> {
                for (ConsumerRecord<Integer, Integer> record : consumer.poll(Duration.ofSeconds(1))) {
                    values.add(record.value());
                }
                assertThat(values).hasSizeGreaterThanOrEqualTo(count);
            });
        }
        return values;
    }

    private Properties consumerConfig() {
        Properties config = new Properties();
        config.put("bootstrap.servers", bootstrap());
        config.put("key.deserializer", IntegerDeserializer.class.getName());
        config.put("value.deserializer", IntegerDeserializer.class.getName());
        config.put("auto.offset.reset", "none");
        return config;
    }

    private Properties producerConfig() {
        Properties config = new Properties();
        config.put("bootstrap.servers", bootstrap());
        config.put("key.serializer", IntegerSerializer.class.getName());
        config.put("value.serializer", IntegerSerializer.class.getName());
        config.put("acks", "all");
        config.put("enable.idempotence", "true");
        config.put("delivery.timeout.ms", "120000");
        config.put("request.timeout.ms", "5000");
        config.put("max.block.ms", "120000");
        config.put("linger.ms", "1");
        return config;
    }

    private String bootstrap() {
        return cluster.address(1) + "," + cluster.address(2) + "," + cluster.address(3);
    }

    private static TopicPartitionInfo partition(Admin admin) throws Exception {
        return admin.describeTopics(List.of(TOPIC))
                .topicNameValues()
                .get(TOPIC)
                .get(60, TimeUnit.SECONDS)
                .partitions()
                .get(0);
    }
}
