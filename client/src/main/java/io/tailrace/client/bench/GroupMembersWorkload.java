// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatResponse;

/**
 * Joins many members of the consumer protocol to groups of ten over one connection, each with one heartbeat, and looks at what they cost the
 * broker: time, CPU and, where the broker is a JVM of the same user, heap. For a broker alone: it takes the one address to be every group's
 * coordinator.
 */
record GroupMembersWorkload(int members) implements Workload {

    private static final int MEMBERS_EACH = 10;
    private static final int AT_ONCE = 100;

    @Override
    public String name() {
        return "groups.members";
    }

    @Override
    public List<Measure> run(Target target, Progress progress) throws Exception {
        String topic = Clients.createTopic(target, MEMBERS_EACH, Map.of());
        String prefix = "bench-" + UUID.randomUUID() + '-';
        Map<String, String> groupOf = new HashMap<>();
        try (KafkaSocket socket = new KafkaSocket(target)) {
            // The coordinator's topic is there before the clock runs.
            socket.findCoordinator(prefix + 0);
            QuietDisk.await();
            OptionalLong heapBefore = heap(target);
            Optional<ProcessStats> before = target.stats();
            long startNs = System.nanoTime();
            for (int from = 0; from < members; from += AT_ONCE) {
                int to = Math.min(members, from + AT_ONCE);
                for (int member = from; member < to; member++) {
                    String groupId = prefix + member / MEMBERS_EACH;
                    String memberId = Uuid.randomUuid().toString();
                    groupOf.put(memberId, groupId);
                    socket.send(heartbeat(groupId, memberId, 0, topic));
                }
                for (int member = from; member < to; member++) {
                    joined(socket);
                }
            }
            double joinMs = (System.nanoTime() - startNs) / 1e6;
            Optional<ProcessStats> after = target.stats();
            OptionalLong heapAfter = heap(target);
            List<Measure> found = new ArrayList<>();
            found.add(new Measure(name() + ".join_" + members, joinMs, "ms"));
            if (before.isPresent()) {
                found.add(new Measure(
                        name() + ".join_cpu",
                        (after.orElseThrow().cpuS() - before.get().cpuS()) * 1e6 / members,
                        "us/member"));
            }
            if (heapBefore.isPresent() && heapAfter.isPresent()) {
                found.add(new Measure(
                        name() + ".heap_each",
                        (heapAfter.getAsLong() - heapBefore.getAsLong()) / 1024.0 / members,
                        "KiB"));
            }
            leave(socket, groupOf, topic);
            return found;
        } finally {
            Clients.deleteTopic(target, topic);
        }
    }

    private static OptionalLong heap(Target target) throws IOException {
        return target.pid().isPresent() ? LiveHeap.bytes(target.pid().get()) : OptionalLong.empty();
    }

    private static AbstractRequest heartbeat(String groupId, String memberId, int epoch, String topic) {
        return new ConsumerGroupHeartbeatRequest.Builder(new ConsumerGroupHeartbeatRequestData()
                        .setGroupId(groupId)
                        .setMemberId(memberId)
                        .setMemberEpoch(epoch)
                        .setRebalanceTimeoutMs(300_000)
                        .setSubscribedTopicNames(List.of(topic))
                        .setTopicPartitions(List.of()))
                .build((short) 1);
    }

    private static void joined(KafkaSocket socket) throws IOException {
        short error = socket.read(ConsumerGroupHeartbeatResponse.class).data().errorCode();
        if (error != Errors.NONE.code()) {
            throw new IllegalStateException("a member was refused: " + Errors.forCode(error));
        }
    }

    private static void leave(KafkaSocket socket, Map<String, String> groupOf, String topic) throws IOException {
        int sent = 0;
        for (Map.Entry<String, String> member : groupOf.entrySet()) {
            socket.send(heartbeat(member.getValue(), member.getKey(), -1, topic));
            if (++sent % AT_ONCE == 0) {
                awaitLeft(socket, AT_ONCE);
            }
        }
        awaitLeft(socket, sent % AT_ONCE);
    }

    private static void awaitLeft(KafkaSocket socket, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            socket.read(ConsumerGroupHeartbeatResponse.class);
        }
    }
}
