// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.Broker;
import io.tailrace.broker.config.BrokerConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Stock Java consumers with {@code group.protocol=consumer} against a node on real files and sockets. */
@Timeout(120)
final class ConsumerProtocolIT {

    @TempDir
    Path dir;

    private final List<KafkaConsumer<String, String>> consumers = new ArrayList<>();
    private Broker broker;
    private String address;
    private Admin admin;

    @BeforeEach
    void start() throws Exception {
        Map<String, String> config = new HashMap<>();
        config.put("listeners", "PLAINTEXT://127.0.0.1:0");
        config.put("log.dirs", dir.toString());
        config.put("http.port", "0");
        config.put("offsets.topic.num.partitions", "2");
        config.put("group.consumer.heartbeat.interval.ms", "200");
        config.put("group.consumer.min.heartbeat.interval.ms", "200");
        broker = Broker.start(BrokerConfig.of(config))
                .toCompletionStage()
                .toCompletableFuture()
                .get();
        address = "127.0.0.1:" + broker.ports().getOrDefault("PLAINTEXT", 0);
        admin = Admin.create(Map.of("bootstrap.servers", address));
    }

    @AfterEach
    void stop() throws Exception {
        consumers.forEach(KafkaConsumer::close);
        admin.close();
        broker.stop().toCompletionStage().toCompletableFuture().get();
    }

    private KafkaConsumer<String, String> consumer(Map<String, Object> more) {
        Map<String, Object> config = new HashMap<>(Map.of(
                "bootstrap.servers", address,
                "group.id", "g",
                "group.protocol", "consumer",
                "auto.offset.reset", "earliest",
                "enable.auto.commit", false));
        config.putAll(more);
        KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
        consumers.add(consumer);
        return consumer;
    }

    private void produce(String topic, int partitions, int from, int to) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", address), new StringSerializer(), new StringSerializer())) {
            for (int i = from; i < to; i++) {
                producer.send(new ProducerRecord<>(topic, i % partitions, null, "v" + i));
            }
            producer.flush();
        }
    }

    private void pollUntil(BooleanSupplier done, List<String> values) {
        while (!done.getAsBoolean()) {
            consumers.forEach(
                    consumer -> consumer.poll(Duration.ofMillis(100)).forEach(found -> values.add(found.value())));
        }
    }

    @Test
    void sharesATopicMovesOnAndGoesOnFromWhatWasCommitted() throws Exception {
        admin.createTopics(List.of(new NewTopic("t", 6, (short) 1))).all().get();
        produce("t", 6, 0, 60);
        List<String> values = new ArrayList<>();
        KafkaConsumer<String, String> a = consumer(Map.of());
        a.subscribe(List.of("t"));
        pollUntil(() -> a.assignment().size() == 6 && values.size() == 60, values);
        a.commitSync();

        KafkaConsumer<String, String> b = consumer(Map.of("client.id", "b"));
        b.subscribe(List.of("t"));
        pollUntil(() -> a.assignment().size() == 3 && b.assignment().size() == 3, values);
        Set<TopicPartition> both = new HashSet<>(a.assignment());
        both.addAll(b.assignment());
        assertThat(both).hasSize(6);

        produce("t", 6, 60, 90);
        pollUntil(() -> values.size() >= 90, values);
        assertThat(values).as("nothing is read twice").doesNotHaveDuplicates().hasSize(90);
        a.commitSync();
        b.commitSync();

        ConsumerGroupDescription described = admin.describeConsumerGroups(List.of("g"))
                .describedGroups()
                .get("g")
                .get();
        assertThat(described.groupState()).isEqualTo(GroupState.STABLE);
        assertThat(described.type()).isEqualTo(GroupType.CONSUMER);
        assertThat(described.partitionAssignor()).isEqualTo("uniform");
        assertThat(described.members()).hasSize(2).allSatisfy(member -> assertThat(
                        member.assignment().topicPartitions())
                .hasSize(3));
        assertThat(admin.listGroups(new ListGroupsOptions().withTypes(Set.of(GroupType.CONSUMER)))
                        .all()
                        .get())
                .extracting(GroupListing::groupId)
                .containsExactly("g");

        consumers.remove(b);
        b.close();
        pollUntil(() -> a.assignment().size() == 6, values);
        assertThat(values).hasSize(90);
        consumers.remove(a);
        a.close();

        KafkaConsumer<String, String> later = consumer(Map.of());
        later.subscribe(List.of("t"));
        produce("t", 6, 90, 96);
        pollUntil(() -> values.size() >= 96, values);
        assertThat(values).doesNotHaveDuplicates().hasSize(96);
        consumers.remove(later);
        later.close();
        admin.deleteConsumerGroups(List.of("g")).all().get();
        assertThat(admin.listGroups().all().get()).isEmpty();
    }

    @Test
    void matchesPatternsOnTheServer() throws Exception {
        admin.createTopics(List.of(new NewTopic("app-1", 2, (short) 1), new NewTopic("other", 1, (short) 1)))
                .all()
                .get();
        KafkaConsumer<String, String> a = consumer(Map.of("group.remote.assignor", "range"));
        a.subscribe(new SubscriptionPattern("app-.*"));
        pollUntil(() -> a.assignment().size() == 2, new ArrayList<>());
        assertThat(a.assignment()).extracting(TopicPartition::topic).containsOnly("app-1");
    }

    @Test
    void keepsThePartitionsOfAStaticMemberThatComesBack() throws Exception {
        admin.createTopics(List.of(new NewTopic("t", 4, (short) 1))).all().get();
        KafkaConsumer<String, String> a = consumer(Map.of("group.instance.id", "one"));
        KafkaConsumer<String, String> b = consumer(Map.of("group.instance.id", "two"));
        a.subscribe(List.of("t"));
        b.subscribe(List.of("t"));
        pollUntil(() -> a.assignment().size() == 2 && b.assignment().size() == 2, new ArrayList<>());
        Set<TopicPartition> had = Set.copyOf(a.assignment());
        consumers.remove(a);
        a.close();
        KafkaConsumer<String, String> back = consumer(Map.of("group.instance.id", "one"));
        back.subscribe(List.of("t"));
        pollUntil(() -> back.assignment().size() == 2, new ArrayList<>());
        assertThat(back.assignment()).isEqualTo(had);
    }

    @Test
    void takesOverTheOffsetsOfAClassicGroup() throws Exception {
        admin.createTopics(List.of(new NewTopic("t", 2, (short) 1))).all().get();
        produce("t", 2, 0, 10);
        List<String> values = new ArrayList<>();
        KafkaConsumer<String, String> classic = consumer(Map.of("group.protocol", "classic"));
        classic.subscribe(List.of("t"));
        pollUntil(() -> values.size() == 10, values);
        classic.commitSync();
        consumers.remove(classic);
        classic.close();
        produce("t", 2, 10, 14);
        KafkaConsumer<String, String> a = consumer(Map.of());
        a.subscribe(List.of("t"));
        pollUntil(() -> values.size() >= 14, values);
        assertThat(values).doesNotHaveDuplicates().hasSize(14);
    }
}
