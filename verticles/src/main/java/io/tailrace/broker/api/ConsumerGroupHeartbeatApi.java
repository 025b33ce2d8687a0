// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.group.GroupCoordinators;
import io.tailrace.broker.group.MemberConnections;
import io.tailrace.cluster.group.consumer.ConsumerRequest.Beaten;
import io.tailrace.cluster.group.consumer.ConsumerRequest.Heartbeat;
import io.tailrace.cluster.group.consumer.PartitionId;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData.Assignment;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData.TopicPartitions;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.ResourceType;
import org.jspecify.annotations.Nullable;

/**
 * ConsumerGroupHeartbeat, key 68, versions 0 and 1 (KIP-848).
 *
 * <p>A member joins, reports, subscribes, acknowledges what it gave back and leaves with this one request. In version 1 members make their
 * own ids (KIP-1082), and patterns are matched here, by RE2, among the topics that the member may describe. Whoever may not describe all
 * topics that it names gets TOPIC_AUTHORIZATION_FAILED. The answer carries the assignment only if it changed, or if the member told all of
 * itself.
 */
public final class ConsumerGroupHeartbeatApi implements KafkaApi<ConsumerGroupHeartbeatRequestData> {

    private final GroupCoordinators groups;
    private final MemberConnections connections;
    private final Authorizer authorizer;

    public ConsumerGroupHeartbeatApi(GroupCoordinators groups, MemberConnections connections, Authorizer authorizer) {
        this.groups = groups;
        this.connections = connections;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.CONSUMER_GROUP_HEARTBEAT;
    }

    @Override
    public Future<? extends ApiMessage> handle(RequestContext context, ConsumerGroupHeartbeatRequestData request) {
        if (!authorizer.allows(context, AclOperation.READ, ResourceType.GROUP, request.groupId())) {
            return Future.succeededFuture(refused(Errors.GROUP_AUTHORIZATION_FAILED));
        }
        List<String> names = request.subscribedTopicNames();
        if (names != null && !names.stream().allMatch(topic -> visible(context, topic))) {
            return Future.succeededFuture(refused(Errors.TOPIC_AUTHORIZATION_FAILED));
        }
        connections.asks(context.connectionId());
        return groups.ask(new Heartbeat(
                        request.groupId(),
                        request.memberId(),
                        context.apiVersion() == 0 ? Uuid.randomUuid().toString() : "",
                        request.memberEpoch(),
                        request.instanceId(),
                        request.rackId(),
                        context.clientId(),
                        context.remote().getAddress().toString(),
                        request.rebalanceTimeoutMs(),
                        names,
                        request.subscribedTopicRegex(),
                        request.serverAssignor(),
                        owned(request.topicPartitions()),
                        topic -> visible(context, topic)))
                .map(reply -> reply.map(
                        Beaten.class,
                        beaten -> response(heard(context, request.groupId(), beaten)),
                        ConsumerGroupHeartbeatApi::refused));
    }

    private Beaten heard(RequestContext context, String groupId, Beaten beaten) {
        if (beaten.error() == Errors.NONE && beaten.memberEpoch() >= 0) {
            connections.heard(context.connectionId(), groupId, beaten.memberId());
        }
        return beaten;
    }

    private boolean visible(RequestContext context, String topic) {
        return authorizer.allows(context, AclOperation.DESCRIBE, ResourceType.TOPIC, topic);
    }

    private static @Nullable Set<PartitionId> owned(
            @Nullable List<ConsumerGroupHeartbeatRequestData.TopicPartitions> topics) {
        if (topics == null) {
            return null;
        }
        Set<PartitionId> owned = new HashSet<>();
        topics.forEach(topic ->
                topic.partitions().forEach(partition -> owned.add(new PartitionId(topic.topicId(), partition))));
        return owned;
    }

    private static ConsumerGroupHeartbeatResponseData response(Beaten beaten) {
        if (beaten.error() != Errors.NONE) {
            return refused(beaten.error()).setErrorMessage(beaten.message());
        }
        return new ConsumerGroupHeartbeatResponseData()
                .setMemberId(beaten.memberId())
                .setMemberEpoch(beaten.memberEpoch())
                .setHeartbeatIntervalMs(beaten.heartbeatIntervalMs())
                .setAssignment(assignment(beaten.assignment()));
    }

    private static @Nullable Assignment assignment(@Nullable Set<PartitionId> partitions) {
        if (partitions == null) {
            return null;
        }
        Map<Uuid, List<Integer>> topics = new TreeMap<>();
        partitions.forEach(partition -> topics.computeIfAbsent(partition.topicId(), topic -> new ArrayList<>())
                .add(partition.partition()));
        Assignment assignment = new Assignment();
        topics.forEach((topicId, numbers) -> assignment
                .topicPartitions()
                .add(new TopicPartitions().setTopicId(topicId).setPartitions(numbers)));
        return assignment;
    }

    private static ConsumerGroupHeartbeatResponseData refused(Errors error) {
        return new ConsumerGroupHeartbeatResponseData()
                .setErrorCode(error.code())
                .setErrorMessage(error.message());
    }
}
