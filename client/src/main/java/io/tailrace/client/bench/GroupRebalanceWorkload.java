// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Stock consumers in one group: how long until everybody has a fair share again after all have joined, one more has joined, one has left, and
 * one has vanished.
 *
 * <p>Timers of the protocol are part of each figure: the heartbeat interval, by which members learn of a rebalance (500 ms here for classic
 * members, 5 s by default of the broker for those of the consumer protocol), and the session timeout of the one that vanished (6 s and 45 s).
 * One that joins or leaves meets the others anywhere in their interval; so that is done several times, at moments spread evenly over an
 * interval, and the mean is told.
 *
 * @param protocol classic or consumer
 */
record GroupRebalanceWorkload(String protocol, int members) implements Workload {

    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(120);
    private static final String CLASSIC = "classic";
    private static final int CHANGES = 5;
    private static final int CLASSIC_HEARTBEAT_MS = 500;
    private static final int CONSUMER_HEARTBEAT_MS = 5_000;

    @Override
    public String name() {
        return "groups." + protocol;
    }

    @Override
    public List<Measure> run(Target target, Progress progress) throws Exception {
        String topic = Clients.createTopic(target, 2 * members, Map.of());
        Crew crew = new Crew(target, topic);
        try {
            QuietDisk.await();
            List<Measure> found = new ArrayList<>();
            crew.join(members);
            found.add(measure("join_" + members, crew.settledMs("join_" + members)));
            double joinMs = 0;
            double leaveMs = 0;
            for (int change = 0; change < CHANGES; change++) {
                pause(change);
                crew.join(1);
                joinMs += crew.settledMs("join_one");
                pause(change);
                crew.end(CloseOptions.GroupMembershipOperation.LEAVE_GROUP);
                leaveMs += crew.settledMs("leave_one");
            }
            found.add(measure("join_one", joinMs / CHANGES));
            found.add(measure("leave_one", leaveMs / CHANGES));
            crew.loseOne();
            found.add(measure("replace_killed", crew.settledMs("replace_killed")));
            return found;
        } finally {
            crew.close();
            Clients.deleteTopic(target, topic);
        }
    }

    private Measure measure(String what, double ms) {
        return new Measure(name() + '.' + what, ms, "ms");
    }

    /** Until the group has been at rest for two intervals, and on to another place in the third each time. */
    private void pause(int change) throws InterruptedException {
        int intervalMs = protocol.equals(CLASSIC) ? CLASSIC_HEARTBEAT_MS : CONSUMER_HEARTBEAT_MS;
        Thread.sleep(2L * intervalMs + (long) change * intervalMs / CHANGES);
    }

    /** The members, and who reads what. */
    private final class Crew {

        private final Target target;
        private final String topic;
        private final String groupId = "bench-" + UUID.randomUUID();
        private final Map<TopicPartition, Worker> owners = new ConcurrentHashMap<>();
        private final List<Worker> workers = new ArrayList<>();
        private long changedNs;

        Crew(Target target, String topic) {
            this.target = target;
            this.topic = topic;
        }

        void join(int count) {
            List<Worker> more = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                more.add(new Worker(this));
            }
            changedNs = System.nanoTime();
            more.forEach(Worker::start);
            workers.addAll(more);
        }

        void end(CloseOptions.GroupMembershipOperation how) throws InterruptedException {
            Worker last = workers.remove(workers.size() - 1);
            changedNs = System.nanoTime();
            last.end(how);
            last.join();
        }

        /** One of as many members as there were at first vanishes, with the shares of all at rest. */
        void loseOne() throws IOException, InterruptedException {
            if (protocol.equals(CLASSIC)) {
                pause(0);
                end(CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP);
                return;
            }
            end(CloseOptions.GroupMembershipOperation.LEAVE_GROUP);
            SilentMember doomed = new SilentMember(target, groupId, topic);
            doomed.start();
            long deadlineNs = System.nanoTime() + PATIENCE_NS;
            while (doomed.held() == 0 || owners.size() + doomed.held() < 2 * members) {
                if (System.nanoTime() > deadlineNs) {
                    throw new IllegalStateException(name() + ": the member that is to vanish gets no share");
                }
                Thread.sleep(1);
            }
            pause(0);
            changedNs = System.nanoTime();
            doomed.vanish();
        }

        double settledMs(String what) throws InterruptedException {
            long deadlineNs = changedNs + PATIENCE_NS;
            while (!isFair()) {
                if (System.nanoTime() > deadlineNs) {
                    throw new IllegalStateException(name() + "." + what + ": the group does not settle");
                }
                Thread.sleep(1);
            }
            return (System.nanoTime() - changedNs) / 1e6;
        }

        private boolean isFair() {
            int partitions = 2 * members;
            if (owners.size() < partitions) {
                return false;
            }
            Map<Worker, Integer> shares = new HashMap<>();
            workers.forEach(worker -> shares.put(worker, 0));
            owners.values().forEach(owner -> shares.merge(owner, 1, Integer::sum));
            int least = partitions / workers.size();
            int most = (partitions + workers.size() - 1) / workers.size();
            return shares.size() == workers.size()
                    && shares.values().stream().allMatch(share -> share >= least && share <= most);
        }

        void close() throws InterruptedException {
            workers.forEach(worker -> worker.end(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
            for (Worker worker : workers) {
                worker.join();
            }
        }
    }

    private final class Worker extends Thread implements ConsumerRebalanceListener {

        private final Crew crew;
        private final KafkaConsumer<byte[], byte[]> consumer;
        private volatile CloseOptions.@Nullable GroupMembershipOperation ending;

        Worker(Crew crew) {
            this.crew = crew;
            Map<String, Object> settings = new HashMap<>();
            settings.put("bootstrap.servers", crew.target.bootstrap());
            settings.put("group.id", crew.groupId);
            settings.put("group.protocol", protocol);
            settings.put("enable.auto.commit", false);
            if (protocol.equals(CLASSIC)) {
                settings.put("session.timeout.ms", 6_000);
                settings.put("heartbeat.interval.ms", CLASSIC_HEARTBEAT_MS);
                settings.put("partition.assignment.strategy", CooperativeStickyAssignor.class.getName());
            }
            consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        }

        void end(CloseOptions.GroupMembershipOperation how) {
            ending = how;
            consumer.wakeup();
        }

        @Override
        public void run() {
            consumer.subscribe(List.of(crew.topic), this);
            CloseOptions.GroupMembershipOperation how = ending;
            while (how == null) {
                try {
                    consumer.poll(Duration.ofMillis(100));
                } catch (WakeupException ended) {
                    // Told to end.
                }
                how = ending;
            }
            consumer.close(CloseOptions.groupMembershipOperation(how));
            crew.owners.values().removeIf(owner -> owner == this);
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
            assigned.forEach(partition -> crew.owners.put(partition, this));
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
            revoked.forEach(partition -> crew.owners.remove(partition, this));
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> lost) {
            onPartitionsRevoked(lost);
        }
    }
}
