// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

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
 * <p>Timers of the protocol are part of each figure: the heartbeat interval, by which members learn of a rebalance, and the session timeout of
 * the one that vanished. The consumer protocol takes them from the broker, whose least session timeout is 45 s by default, so that a
 * vanished member is measured with the classic protocol only.
 *
 * @param protocol classic or consumer
 */
record GroupRebalanceWorkload(String protocol, int members) implements Workload {

    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(120);
    private static final String CLASSIC = "classic";

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
            found.add(crew.settled("join_" + members));
            crew.join(1);
            found.add(crew.settled("join_one"));
            crew.end(CloseOptions.GroupMembershipOperation.LEAVE_GROUP);
            found.add(crew.settled("leave_one"));
            if (protocol.equals(CLASSIC)) {
                crew.end(CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP);
                found.add(crew.settled("replace_killed"));
            }
            return found;
        } finally {
            crew.close();
            Clients.deleteTopic(target, topic);
        }
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

        Measure settled(String what) throws InterruptedException {
            long deadlineNs = changedNs + PATIENCE_NS;
            while (!isFair()) {
                if (System.nanoTime() > deadlineNs) {
                    throw new IllegalStateException(name() + "." + what + ": the group does not settle");
                }
                Thread.sleep(1);
            }
            return new Measure(name() + "." + what, (System.nanoTime() - changedNs) / 1e6, "ms");
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
                settings.put("heartbeat.interval.ms", 500);
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
