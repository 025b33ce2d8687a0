// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.group;

import io.tailrace.gateway.access.Visitor;
import io.tailrace.gateway.admin.KafkaApis;
import io.tailrace.gateway.session.Position;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** The coordinator of one group, asked for one member with a topic, through the same APIs that Kafka clients use and with the visitor's rights. */
public final class GroupCoordinator {

    private static final int FIND_VERSION = 4;
    private static final int HEARTBEAT_VERSION = 1;

    /** The last ones that speak of topics by name. */
    private static final int OFFSETS_VERSION = 9;

    private static final int LEAVING = -1;

    private final KafkaApis apis;
    private final Visitor visitor;
    private final Membership membership;

    /**
     * Who is a member of what.
     *
     * @param memberId chosen by the member (KIP-848), unique
     * @param rebalanceTimeoutMs how long the coordinator waits for partitions to be given back
     */
    public record Membership(String group, String memberId, String topic, Uuid topicId, int rebalanceTimeoutMs) {}

    public GroupCoordinator(KafkaApis apis, Visitor visitor, Membership membership) {
        this.apis = apis;
        this.visitor = visitor;
        this.membership = membership;
    }

    /** {@link MemberEvent.Found} or {@link MemberEvent.Refused}; never fails. */
    Future<MemberEvent> find() {
        FindCoordinatorRequestData request =
                new FindCoordinatorRequestData().setCoordinatorKeys(List.of(membership.group()));
        return apis.ask(visitor, FIND_VERSION, request, FindCoordinatorResponseData.class)
                .<MemberEvent>map(response -> {
                    Errors error = Errors.forCode(response.coordinators().get(0).errorCode());
                    return error == Errors.NONE ? new MemberEvent.Found() : new MemberEvent.Refused(error);
                })
                .otherwise(lost -> new MemberEvent.Refused(Errors.COORDINATOR_NOT_AVAILABLE));
    }

    /** {@link MemberEvent.Beaten} or {@link MemberEvent.Refused}; never fails. */
    Future<MemberEvent> beat(int epoch, @Nullable Set<Integer> owned) {
        ConsumerGroupHeartbeatRequestData request = new ConsumerGroupHeartbeatRequestData()
                .setGroupId(membership.group())
                .setMemberId(membership.memberId())
                .setMemberEpoch(epoch);
        if (owned != null) {
            request.setTopicPartitions(
                    owned.isEmpty()
                            ? List.of()
                            : List.of(new ConsumerGroupHeartbeatRequestData.TopicPartitions()
                                    .setTopicId(membership.topicId())
                                    .setPartitions(List.copyOf(owned))));
        }
        if (epoch == 0) {
            request.setRebalanceTimeoutMs(membership.rebalanceTimeoutMs())
                    .setSubscribedTopicNames(List.of(membership.topic()))
                    .setTopicPartitions(List.of());
        }
        return apis.ask(visitor, HEARTBEAT_VERSION, request, ConsumerGroupHeartbeatResponseData.class)
                .map(this::beaten)
                .otherwise(lost -> new MemberEvent.Refused(Errors.COORDINATOR_NOT_AVAILABLE));
    }

    private MemberEvent beaten(ConsumerGroupHeartbeatResponseData response) {
        Errors error = Errors.forCode(response.errorCode());
        if (error != Errors.NONE) {
            return new MemberEvent.Refused(error);
        }
        Set<Integer> assigned = null;
        if (response.assignment() != null) {
            assigned = new TreeSet<>();
            for (ConsumerGroupHeartbeatResponseData.TopicPartitions topic :
                    response.assignment().topicPartitions()) {
                if (topic.topicId().equals(membership.topicId())) {
                    assigned.addAll(topic.partitions());
                }
            }
        }
        return new MemberEvent.Beaten(response.memberEpoch(), response.heartbeatIntervalMs(), assigned);
    }

    /** The coordinator may have heard or not; if not, it will find out by itself. Never fails. */
    Future<Void> leave() {
        ConsumerGroupHeartbeatRequestData request = new ConsumerGroupHeartbeatRequestData()
                .setGroupId(membership.group())
                .setMemberId(membership.memberId())
                .setMemberEpoch(LEAVING);
        return apis.ask(visitor, HEARTBEAT_VERSION, request, ConsumerGroupHeartbeatResponseData.class)
                .<Void>mapEmpty()
                .otherwiseEmpty();
    }

    /** Where the group is; nothing for partitions for which nobody committed. Fails with the coordinator's error. */
    Future<Map<Integer, Position>> committed(int epoch, Set<Integer> partitions) {
        OffsetFetchRequestData request = new OffsetFetchRequestData()
                .setRequireStable(true)
                .setGroups(List.of(new OffsetFetchRequestData.OffsetFetchRequestGroup()
                        .setGroupId(membership.group())
                        .setMemberId(membership.memberId())
                        .setMemberEpoch(epoch)
                        .setTopics(List.of(new OffsetFetchRequestData.OffsetFetchRequestTopics()
                                .setName(membership.topic())
                                .setPartitionIndexes(List.copyOf(partitions))))));
        return apis.ask(visitor, OFFSETS_VERSION, request, OffsetFetchResponseData.class)
                .map(response -> positions(response.groups().get(0)));
    }

    private static Map<Integer, Position> positions(OffsetFetchResponseData.OffsetFetchResponseGroup group) {
        orThrow(group.errorCode());
        Map<Integer, Position> positions = new HashMap<>();
        for (OffsetFetchResponseData.OffsetFetchResponseTopics topic : group.topics()) {
            for (OffsetFetchResponseData.OffsetFetchResponsePartitions partition : topic.partitions()) {
                orThrow(partition.errorCode());
                if (partition.committedOffset() >= 0) {
                    positions.put(
                            partition.partitionIndex(),
                            new Position(partition.committedOffset(), partition.committedLeaderEpoch()));
                }
            }
        }
        return positions;
    }

    /** Durable when it completes. Fails with the coordinator's error: nothing, or not all of it, was committed. */
    Future<Void> commit(int epoch, Map<Integer, Position> offsets) {
        List<OffsetCommitRequestData.OffsetCommitRequestPartition> partitions = new ArrayList<>();
        offsets.forEach(
                (partition, position) -> partitions.add(new OffsetCommitRequestData.OffsetCommitRequestPartition()
                        .setPartitionIndex(partition)
                        .setCommittedOffset(position.offset())
                        .setCommittedLeaderEpoch(position.leaderEpoch())
                        .setCommittedMetadata("")));
        OffsetCommitRequestData request = new OffsetCommitRequestData()
                .setGroupId(membership.group())
                .setMemberId(membership.memberId())
                .setGenerationIdOrMemberEpoch(epoch)
                .setTopics(List.of(new OffsetCommitRequestData.OffsetCommitRequestTopic()
                        .setName(membership.topic())
                        .setPartitions(partitions)));
        return apis.ask(visitor, OFFSETS_VERSION, request, OffsetCommitResponseData.class)
                .map(response -> {
                    response.topics()
                            .forEach(topic -> topic.partitions().forEach(partition -> orThrow(partition.errorCode())));
                    return null;
                });
    }

    private static void orThrow(short code) {
        Errors error = Errors.forCode(code);
        if (error != Errors.NONE) {
            throw error.exception();
        }
    }
}
