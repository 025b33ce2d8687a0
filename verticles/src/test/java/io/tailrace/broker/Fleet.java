// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Stock consumers of either protocol that share a topic, a producer that fills it, and what must hold whatever happens to them: every record
 * that was acknowledged is read, no partition has two readers, and nothing that a commit was acknowledged for is read again.
 */
final class Fleet implements AutoCloseable {

    /** A member that nobody hears of any more is waited for until its session of 45 s ends, which begins anew when a node has started. */
    private static final long PATIENCE_S = 150;

    static final String GROUP = "workers";

    enum Protocol {
        CLASSIC,
        CONSUMER
    }

    private final String address;
    private final String group;
    private final String topic;
    private final int partitions;
    private final int classicSessionMs;
    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private final Set<String> sent = ConcurrentHashMap.newKeySet();
    private final Map<TopicPartition, Member> owners = new ConcurrentHashMap<>();
    private final Map<TopicPartition, Long> committed = new ConcurrentHashMap<>();
    private final Collection<String> wrongs = new ConcurrentLinkedQueue<>();
    private final List<Member> members = new ArrayList<>();
    private int born;
    private Filler filler;

    /** @param classicSessionMs session timeout of classic members; those of the consumer protocol get theirs from the broker */
    Fleet(String address, int partitions, int classicSessionMs) throws Exception {
        this(address, GROUP, partitions, (short) 1, classicSessionMs);
    }

    /** A group of that name, which reads a topic of its own with so many replicas. */
    Fleet(String address, String group, int partitions, short replicas, int classicSessionMs) throws Exception {
        this.address = address;
        this.group = group;
        this.topic = "shared-by-" + group;
        this.partitions = partitions;
        this.classicSessionMs = classicSessionMs;
        try (Admin admin = admin()) {
            admin.createTopics(List.of(new NewTopic(topic, partitions, replicas)))
                    .all()
                    .get(PATIENCE_S, TimeUnit.SECONDS);
        }
    }

    Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", address));
    }

    Member join(Protocol protocol) {
        return join(protocol, false);
    }

    /** Members of the consumer protocol that subscribe to a pattern: they learn which topic it is from what they are given. */
    void joinByPattern(int count) {
        for (int number = 0; number < count; number++) {
            join(Protocol.CONSUMER, true);
        }
    }

    private Member join(Protocol protocol, boolean byPattern) {
        Member member = new Member(born++, protocol, byPattern);
        members.add(member);
        member.start();
        return member;
    }

    void join(Protocol protocol, int count) {
        for (int number = 0; number < count; number++) {
            join(protocol);
        }
    }

    List<Member> members() {
        return List.copyOf(members);
    }

    /** The members leave the group and are gone. */
    void leave(List<Member> leaving) throws InterruptedException {
        leaving.forEach(member -> member.end(true));
        await(leaving);
    }

    /**
     * The members vanish without a word if they are classic. Of the consumer protocol only static ones would; others take their leave whatever
     * they are told, which is why {@code KilledMembersIT} has processes to kill.
     */
    void kill(List<Member> dying) throws InterruptedException {
        dying.forEach(member -> member.end(false));
        await(dying);
    }

    private void await(List<Member> ending) throws InterruptedException {
        for (Member member : ending) {
            member.join(TimeUnit.SECONDS.toMillis(PATIENCE_S));
            assertThat(member.isAlive()).as(member.getName()).isFalse();
        }
        members.removeAll(ending);
    }

    /** Produces until it is told to stop. */
    void startProducing() {
        filler = new Filler();
        filler.start();
    }

    void stopProducing() throws InterruptedException {
        filler.stopped = true;
        filler.join(TimeUnit.SECONDS.toMillis(PATIENCE_S));
        assertThat(filler.isAlive()).isFalse();
    }

    /** Each partition has a reader, each member as many partitions as any other or one more, and at least {@code more} further records are read. */
    void untilSharedEvenly(String when, int more) throws InterruptedException {
        int floor = partitions / members.size();
        int ceiling = (partitions + members.size() - 1) / members.size();
        until(when + ": everybody has a fair share", () -> {
            Map<Member, Integer> shares = new HashMap<>();
            members.forEach(member -> shares.put(member, 0));
            owners.values().forEach(owner -> shares.merge(owner, 1, Integer::sum));
            return owners.size() == partitions
                    && shares.size() == members.size()
                    && shares.values().stream().allMatch(share -> share >= floor && share <= ceiling);
        });
        int goal = seen.size() + more;
        until(when + ": work goes on", () -> seen.size() >= goal);
        assertThat(wrongs).as(when).isEmpty();
    }

    void untilAllIsRead(String when) throws InterruptedException {
        until(when + ": all that was acknowledged is read", () -> seen.containsAll(sent));
        assertThat(wrongs).as(when).isEmpty();
    }

    /** Who reads what now, by member. */
    Map<String, Set<TopicPartition>> shares() {
        Map<String, Set<TopicPartition>> shares = new TreeMap<>();
        owners.forEach((partition, owner) ->
                shares.computeIfAbsent(owner.getName(), name -> new HashSet<>()).add(partition));
        return shares;
    }

    void until(String what, BooleanSupplier holds) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        while (!holds.getAsBoolean()) {
            assertThat(wrongs).as(what).isEmpty();
            assertThat(System.nanoTime())
                    .as("%s; shares %s; read %d of %d", what, shares(), seen.size(), sent.size())
                    .isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    /** What the broker has must not be behind what it acknowledged. */
    void checkCommits() throws Exception {
        Map<TopicPartition, Long> acknowledged = Map.copyOf(committed);
        try (Admin admin = admin()) {
            Map<TopicPartition, OffsetAndMetadata> stored = admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get(PATIENCE_S, TimeUnit.SECONDS);
            acknowledged.forEach((partition, offset) -> assertThat(stored)
                    .hasEntrySatisfying(
                            partition, found -> assertThat(found.offset()).isGreaterThanOrEqualTo(offset)));
        }
    }

    @Override
    public void close() {
        try {
            if (filler != null) {
                stopProducing();
            }
            leave(members());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stop);
        }
    }

    /** Writes numbered records. */
    private final class Filler extends Thread {

        private volatile boolean stopped;

        @Override
        public void run() {
            Map<String, Object> config = Map.of("bootstrap.servers", address, "delivery.timeout.ms", 120_000);
            try (KafkaProducer<byte[], byte[]> producer =
                    new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
                for (int number = 0; !stopped; number++) {
                    String value = "v" + number;
                    producer.send(
                            new ProducerRecord<>(topic, number % partitions, null, value.getBytes(UTF_8)),
                            (metadata, failure) -> {
                                if (failure == null) {
                                    sent.add(value);
                                }
                            });
                    if (number % 20 == 0) {
                        TimeUnit.MILLISECONDS.sleep(5);
                    }
                }
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A consumer on a thread of its own, which commits what it has read. */
    final class Member extends Thread implements ConsumerRebalanceListener {

        private final KafkaConsumer<byte[], byte[]> consumer;
        private final boolean byPattern;
        private volatile boolean ending;
        private volatile boolean leaves = true;

        Member(int number, Protocol protocol, boolean byPattern) {
            super("member-" + number);
            this.byPattern = byPattern;
            Map<String, Object> config = new HashMap<>();
            config.put("bootstrap.servers", address);
            config.put("group.id", group);
            config.put("client.id", getName());
            config.put("auto.offset.reset", "earliest");
            config.put("enable.auto.commit", false);
            config.put("group.protocol", protocol.name());
            if (protocol == Protocol.CLASSIC) {
                config.put("session.timeout.ms", classicSessionMs);
                config.put("heartbeat.interval.ms", 500);
                config.put("partition.assignment.strategy", CooperativeStickyAssignor.class.getName());
            }
            this.consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        }

        void end(boolean leave) {
            leaves = leave;
            ending = true;
        }

        @Override
        public void run() {
            try {
                work();
            } catch (RuntimeException | Error failure) {
                wrongs.add(getName() + " ended by itself: " + failure);
                throw failure;
            }
        }

        private void work() {
            if (byPattern) {
                consumer.subscribe(new SubscriptionPattern(Pattern.quote(topic)), this);
            } else {
                consumer.subscribe(List.of(topic), this);
            }
            while (!ending) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    take(record);
                }
                if (!ending) {
                    commit();
                }
            }
            CloseOptions.GroupMembershipOperation operation = leaves
                    ? CloseOptions.GroupMembershipOperation.LEAVE_GROUP
                    : CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP;
            consumer.close(CloseOptions.groupMembershipOperation(operation));
            owners.values().removeIf(owner -> owner == this);
        }

        private void take(ConsumerRecord<byte[], byte[]> record) {
            TopicPartition partition = new TopicPartition(record.topic(), record.partition());
            long done = committed.getOrDefault(partition, 0L);
            if (record.offset() < done) {
                wrongs.add(getName() + " reads " + partition + " at " + record.offset() + ", committed is " + done);
            }
            seen.add(new String(record.value(), UTF_8));
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
        public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
            for (TopicPartition partition : assigned) {
                Member other = owners.put(partition, this);
                if (other != null && other != this) {
                    wrongs.add(partition + " goes to " + getName() + ", " + other.getName() + " has it");
                }
            }
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
            revoked.forEach(partition -> owners.remove(partition, this));
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> lost) {
            onPartitionsRevoked(lost);
        }
    }
}
