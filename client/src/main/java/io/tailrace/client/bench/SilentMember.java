// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatResponse;

/**
 * A member of the consumer protocol that does nothing but report, as often as it is told, and that can vanish. The Java consumer cannot: told to
 * remain in its group it takes its leave all the same, unless it is a static member.
 */
final class SilentMember extends Thread {

    private static final int REBALANCE_TIMEOUT_MS = 300_000;

    private final KafkaSocket socket;
    private final String groupId;
    private final String topic;
    private final String memberId = Uuid.randomUuid().toString();
    private volatile int held;
    private volatile boolean vanished;

    SilentMember(Target target, String groupId, String topic) throws IOException {
        this.socket = new KafkaSocket(target);
        this.groupId = groupId;
        this.topic = topic;
    }

    /** How many partitions it holds, and has told the broker so. */
    int held() {
        return held;
    }

    /** Says nothing any more and closes its connection; returns when it is gone. */
    void vanish() throws InterruptedException {
        vanished = true;
        interrupt();
        join();
    }

    @Override
    public void run() {
        try (socket) {
            socket.findCoordinator(groupId);
            report();
        } catch (InterruptedException end) {
            // Vanished.
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void report() throws IOException, InterruptedException {
        int epoch = 0;
        List<ConsumerGroupHeartbeatRequestData.TopicPartitions> owned = List.of();
        while (!vanished) {
            ConsumerGroupHeartbeatResponseData told = socket.ask(
                            request(epoch, owned), ConsumerGroupHeartbeatResponse.class)
                    .data();
            Errors error = Errors.forCode(told.errorCode());
            if (error != Errors.NONE && !(error.exception() instanceof RetriableException)) {
                throw new IllegalStateException("the member was refused: " + error);
            }
            if (error == Errors.NONE) {
                epoch = told.memberEpoch();
                held = owned.stream().mapToInt(each -> each.partitions().size()).sum();
                if (told.assignment() != null) {
                    owned = owned(told.assignment());
                    continue; // what it has done with it is told at once
                }
            }
            Thread.sleep(Math.max(100, told.heartbeatIntervalMs()));
        }
    }

    private static List<ConsumerGroupHeartbeatRequestData.TopicPartitions> owned(
            ConsumerGroupHeartbeatResponseData.Assignment assignment) {
        List<ConsumerGroupHeartbeatRequestData.TopicPartitions> owned = new ArrayList<>();
        assignment
                .topicPartitions()
                .forEach(each -> owned.add(new ConsumerGroupHeartbeatRequestData.TopicPartitions()
                        .setTopicId(each.topicId())
                        .setPartitions(each.partitions())));
        return owned;
    }

    private ConsumerGroupHeartbeatRequest request(
            int epoch, List<ConsumerGroupHeartbeatRequestData.TopicPartitions> owned) {
        ConsumerGroupHeartbeatRequestData data = new ConsumerGroupHeartbeatRequestData()
                .setGroupId(groupId)
                .setMemberId(memberId)
                .setMemberEpoch(epoch)
                .setTopicPartitions(owned);
        if (epoch == 0) {
            data.setRebalanceTimeoutMs(REBALANCE_TIMEOUT_MS).setSubscribedTopicNames(List.of(topic));
        }
        return new ConsumerGroupHeartbeatRequest.Builder(data).build((short) 1);
    }
}
