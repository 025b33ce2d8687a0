// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatResponse;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.RequestHeader;

/**
 * Joins many members of the consumer protocol to groups of ten over one connection, each with one heartbeat, and looks at what they cost the
 * broker. For a broker alone: it takes the one address to be every group's coordinator.
 */
record GroupMembersWorkload(int members) implements Workload {

    private static final int MEMBERS_EACH = 10;
    private static final int AT_ONCE = 100;
    private static final int TIMEOUT_S = 120;

    @Override
    public String name() {
        return "groups.members";
    }

    @Override
    public List<Measure> run(Target target, Progress progress) throws Exception {
        String topic = Clients.createTopic(target, MEMBERS_EACH, Map.of());
        String prefix = "bench-" + UUID.randomUUID() + '-';
        Map<String, String> groupOf = new HashMap<>();
        try (Socket socket = connect(target)) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            // The coordinator's topic is there before the clock runs.
            send(
                    socket,
                    0,
                    new FindCoordinatorRequest.Builder(
                                    new FindCoordinatorRequestData().setCoordinatorKeys(List.of(prefix + 0)))
                            .build((short) 4));
            read(in);
            QuietDisk.await();
            Optional<ProcessStats> before = target.stats();
            long startNs = System.nanoTime();
            for (int from = 0; from < members; from += AT_ONCE) {
                int to = Math.min(members, from + AT_ONCE);
                for (int member = from; member < to; member++) {
                    String groupId = prefix + member / MEMBERS_EACH;
                    String memberId = Uuid.randomUuid().toString();
                    groupOf.put(memberId, groupId);
                    send(socket, member, heartbeat(groupId, memberId, 0, topic));
                }
                for (int member = from; member < to; member++) {
                    joined(in);
                }
            }
            double joinMs = (System.nanoTime() - startNs) / 1e6;
            Optional<ProcessStats> after = target.stats();
            List<Measure> found = new ArrayList<>();
            found.add(new Measure(name() + ".join_" + members, joinMs, "ms"));
            if (before.isPresent()) {
                found.add(new Measure(
                        name() + ".join_cpu",
                        (after.orElseThrow().cpuS() - before.get().cpuS()) * 1e6 / members,
                        "us/member"));
                found.add(new Measure(
                        name() + ".resident_each",
                        (after.orElseThrow().residentBytes() - before.get().residentBytes()) / 1024.0 / members,
                        "KiB"));
            }
            leave(socket, in, groupOf, topic);
            return found;
        } finally {
            Clients.deleteTopic(target, topic);
        }
    }

    private static Socket connect(Target target) throws IOException {
        int colon = target.bootstrap().lastIndexOf(':');
        Socket socket = new Socket(
                target.bootstrap().substring(0, colon),
                Integer.parseInt(target.bootstrap().substring(colon + 1)));
        socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(TIMEOUT_S));
        return socket;
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

    private static void send(Socket socket, int correlationId, AbstractRequest request) throws IOException {
        ApiKeys api = request.apiKey();
        ByteBuffer body =
                request.serializeWithHeader(new RequestHeader(api, request.version(), "bench", correlationId));
        ByteBuffer frame = ByteBuffer.allocate(4 + body.remaining()).putInt(body.remaining());
        socket.getOutputStream().write(frame.put(body).array());
    }

    private static ByteBuffer read(DataInputStream in) throws IOException {
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        return ByteBuffer.wrap(frame);
    }

    private static void joined(DataInputStream in) throws IOException {
        ByteBuffer frame = read(in);
        // Response header version 1: correlation id and tagged fields, of which there are none.
        frame.position(5);
        ConsumerGroupHeartbeatResponse response =
                ConsumerGroupHeartbeatResponse.parse(new ByteBufferAccessor(frame), (short) 1);
        if (response.data().errorCode() != Errors.NONE.code()) {
            throw new IllegalStateException(
                    "a member was refused: " + Errors.forCode(response.data().errorCode()));
        }
    }

    private void leave(Socket socket, DataInputStream in, Map<String, String> groupOf, String topic) throws Exception {
        int sent = 0;
        for (Map.Entry<String, String> member : groupOf.entrySet()) {
            send(socket, sent++, heartbeat(member.getValue(), member.getKey(), -1, topic));
            if (sent % AT_ONCE == 0) {
                for (int i = 0; i < AT_ONCE; i++) {
                    read(in);
                }
            }
        }
        for (int i = 0; i < sent % AT_ONCE; i++) {
            read(in);
        }
    }
}
