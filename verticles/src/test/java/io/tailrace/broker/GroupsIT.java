// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stock Java consumers in groups: they share the work, and lose none of it when members or the node die. */
class GroupsIT {

    private static final long PATIENCE_S = 60;
    private static final String TOPIC = "shared";
    private static final String GROUP = "workers";

    @TempDir
    Path dir;

    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private final Map<TopicPartition, Integer> owners = new ConcurrentHashMap<>();
    private final Map<TopicPartition, Long> committed = new ConcurrentHashMap<>();
    private final AtomicInteger doubleOwners = new AtomicInteger();
    private final AtomicInteger wentBack = new AtomicInteger();
    private final List<Member> members = new ArrayList<>();
    private String address = "";

    @AfterEach
    void stopMembers() throws InterruptedException {
        for (Member member : members) {
            member.leave();
        }
    }

    @Test
    void tenMembersShareTwentyPartitionsAndLoseNothingWhenSomeLeave() throws Exception {
        try (BrokerFixture node = BrokerFixture.start(dir.resolve("data"))) {
            address = node.address();
            createTopic(20);
            startMembers(10);
            until("two partitions each", () -> owners.size() == 20 && twoEach());

            Set<String> sent = produce(0, 1_000);
            members.subList(0, 3).forEach(Member::askToLeave);
            sent.addAll(produce(1_000, 2_000));

            until("all records are read", () -> seen.containsAll(sent));
            until("the others take over", () -> Set.copyOf(owners.values()).size() == 7 && owners.size() == 20);
            assertThat(doubleOwners).hasValue(0);
            assertThat(wentBack).hasValue(0);
            stopMembers();
            try (Admin admin = node.admin()) {
                assertThat(admin.describeConsumerGroups(List.of(GROUP))
                                .describedGroups()
                                .get(GROUP)
                                .get(PATIENCE_S, TimeUnit.SECONDS)
                                .groupState())
                        .isEqualTo(GroupState.EMPTY);
                assertThat(admin
                                .listConsumerGroupOffsets(GROUP)
                                .partitionsToOffsetAndMetadata()
                                .get(PATIENCE_S, TimeUnit.SECONDS)
                                .values()
                                .stream()
                                .mapToLong(OffsetAndMetadata::offset)
                                .sum())
                        .isEqualTo(2_000);
                admin.deleteConsumerGroups(List.of(GROUP)).all().get(PATIENCE_S, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void membersGoOnWhereTheyWereAfterTheNodeWasKilled() throws Exception {
        int port = freePort();
        address = "127.0.0.1:" + port;
        Path data = Files.createDirectory(dir.resolve("data"));
        BrokerProcess node = BrokerProcess.start(data, port);
        try {
            createTopic(6);
            startMembers(3);
            Set<String> sent = produce(0, 500);
            until("the first records are read", () -> seen.containsAll(sent));
            node.kill();
            node = BrokerProcess.start(data, port);
            sent.addAll(produce(500, 1_000));
            until("the rest is read", () -> seen.containsAll(sent));
            assertThat(wentBack)
                    .as("assignments below a commit that was acknowledged")
                    .hasValue(0);
        } finally {
            stopMembers();
            node.kill();
        }
    }

    private void createTopic(int partitions) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, partitions, (short) 1)))
                    .all()
                    .get(PATIENCE_S, TimeUnit.SECONDS);
        }
    }

    private void startMembers(int count) {
        for (int number = 0; number < count; number++) {
            Member member = new Member(number);
            members.add(member);
            member.start();
        }
    }

    private Set<String> produce(int fromInclusive, int toExclusive) {
        Set<String> sent = ConcurrentHashMap.newKeySet();
        Map<String, Object> config = Map.of("bootstrap.servers", address, "delivery.timeout.ms", 60_000);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = fromInclusive; i < toExclusive; i++) {
                String value = "v" + i;
                producer.send(
                        new ProducerRecord<>(TOPIC, value.getBytes(UTF_8), value.getBytes(UTF_8)),
                        (metadata, failure) -> {
                            if (failure == null) {
                                sent.add(value);
                            }
                        });
            }
        }
        assertThat(sent).hasSize(toExclusive - fromInclusive);
        return sent;
    }

    /** Whether all members own two partitions; the first to join own more, until the others are there. */
    private boolean twoEach() {
        Map<Integer, Integer> partitions = new HashMap<>();
        owners.values().forEach(member -> partitions.merge(member, 1, Integer::sum));
        return partitions.size() == 10 && Set.copyOf(partitions.values()).equals(Set.of(2));
    }

    private static void until(String what, BooleanSupplier holds) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** A consumer on a thread of its own, which commits what it has read. */
    private final class Member extends Thread implements ConsumerRebalanceListener {

        private final int number;
        private final KafkaConsumer<byte[], byte[]> consumer;
        private volatile boolean leaving;

        Member(int number) {
            super("member-" + number);
            this.number = number;
            Map<String, Object> config = new HashMap<>();
            config.put("bootstrap.servers", address);
            config.put("group.id", GROUP);
            config.put("client.id", "member-" + number);
            config.put("auto.offset.reset", "earliest");
            config.put("enable.auto.commit", false);
            config.put("session.timeout.ms", 10_000);
            config.put("heartbeat.interval.ms", 500);
            config.put("partition.assignment.strategy", CooperativeStickyAssignor.class.getName());
            this.consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        }

        void askToLeave() {
            leaving = true;
        }

        void leave() throws InterruptedException {
            askToLeave();
            join(TimeUnit.SECONDS.toMillis(PATIENCE_S));
        }

        @Override
        public void run() {
            try (consumer) {
                consumer.subscribe(List.of(TOPIC), this);
                while (!leaving) {
                    consumer.poll(Duration.ofMillis(200))
                            .forEach(record -> seen.add(new String(record.value(), UTF_8)));
                    commit();
                }
            }
        }

        private void commit() {
            try {
                Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
                for (TopicPartition partition : consumer.assignment()) {
                    offsets.put(partition, new OffsetAndMetadata(consumer.position(partition, Duration.ofSeconds(1))));
                }
                consumer.commitSync(offsets, Duration.ofSeconds(5));
                offsets.forEach((partition, offset) -> committed.merge(partition, offset.offset(), Math::max));
            } catch (CommitFailedException | RebalanceInProgressException | RetriableException outcome) {
                // A rebalance, for which the client wants to be polled, or a node on its way back: the next round tries
                // again.
            }
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            for (TopicPartition partition : partitions) {
                Integer other = owners.put(partition, number);
                if (other != null && other != number) {
                    doubleOwners.incrementAndGet();
                }
                if (consumer.position(partition) < committed.getOrDefault(partition, 0L)) {
                    wentBack.incrementAndGet();
                }
            }
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            partitions.forEach(partition -> owners.remove(partition, number));
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            onPartitionsRevoked(partitions);
        }
    }
}
