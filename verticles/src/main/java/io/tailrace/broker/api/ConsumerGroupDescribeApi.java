// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.group.GroupCoordinators;
import io.tailrace.cluster.group.consumer.ConsumerRequest.Describe;
import io.tailrace.cluster.group.consumer.ConsumerRequest.Described;
import io.tailrace.cluster.group.consumer.ConsumerRequest.DescribedMember;
import io.tailrace.cluster.group.consumer.PartitionId;
import io.tailrace.cluster.group.consumer.Subscription;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.MetadataView;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.Assignment;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.Member;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.TopicPartitions;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.ResourceType;

/**
 * ConsumerGroupDescribe, key 69, versions 0 and 1 (KIP-848).
 *
 * <p>Groups of the consumer protocol only; any other id is GROUP_ID_NOT_FOUND, on which tools ask DescribeGroups. Topics that are gone are
 * left out of assignments. A group with a topic that the caller may not describe is answered with TOPIC_AUTHORIZATION_FAILED and no members.
 * The member type (version 1, KIP-1099) tells classic members of a group that is being migrated from those of the consumer protocol.
 */
public final class ConsumerGroupDescribeApi implements KafkaApi<ConsumerGroupDescribeRequestData> {

    private static final byte CLASSIC_MEMBER = 0;
    private static final byte CONSUMER_MEMBER = 1;

    private final GroupDescriptions descriptions;
    private final MetadataView metadata;
    private final Authorizer authorizer;

    public ConsumerGroupDescribeApi(GroupCoordinators groups, MetadataView metadata, Authorizer authorizer) {
        this.descriptions = new GroupDescriptions(groups, authorizer);
        this.metadata = metadata;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.CONSUMER_GROUP_DESCRIBE;
    }

    @Override
    public Future<? extends ApiMessage> handle(RequestContext context, ConsumerGroupDescribeRequestData request) {
        return descriptions
                .describe(
                        context,
                        request.groupIds(),
                        new GroupDescriptions.Kind<>(
                                Describe::new,
                                Described.class,
                                (groupId, found) ->
                                        response(context, groupId, found, request.includeAuthorizedOperations()),
                                ConsumerGroupDescribeApi::refused))
                .map(described -> new ConsumerGroupDescribeResponseData().setGroups(described));
    }

    private DescribedGroup response(RequestContext context, String groupId, Described found, boolean operations) {
        if (groupId.isEmpty()) {
            return refused(groupId, Errors.INVALID_GROUP_ID);
        }
        if (found.error() != Errors.NONE) {
            return refused(groupId, found.error()).setErrorMessage(found.message());
        }
        List<Member> members = found.members().stream().map(this::member).toList();
        if (!topics(members)
                .allMatch(topic -> authorizer.allows(context, AclOperation.DESCRIBE, ResourceType.TOPIC, topic))) {
            return refused(groupId, Errors.TOPIC_AUTHORIZATION_FAILED);
        }
        return new DescribedGroup()
                .setGroupId(groupId)
                .setGroupState(found.state())
                .setGroupEpoch(found.groupEpoch())
                .setAssignmentEpoch(found.assignmentEpoch())
                .setAssignorName(found.assignor())
                .setMembers(members)
                .setAuthorizedOperations(descriptions.operations(context, groupId, operations));
    }

    private static Stream<String> topics(List<Member> members) {
        return members.stream()
                .flatMap(member -> Stream.concat(
                        member.subscribedTopicNames().stream(),
                        Stream.of(member.assignment(), member.targetAssignment())
                                .flatMap(assignment -> assignment.topicPartitions().stream())
                                .map(TopicPartitions::topicName)));
    }

    private Member member(DescribedMember member) {
        Subscription subscription = member.subscription();
        return new Member()
                .setMemberId(member.memberId())
                .setInstanceId(subscription.instanceId())
                .setRackId(subscription.rackId())
                .setMemberEpoch(member.memberEpoch())
                .setClientId(subscription.clientId())
                .setClientHost(subscription.clientHost())
                .setSubscribedTopicNames(List.copyOf(subscription.topicNames()))
                .setSubscribedTopicRegex(subscription.topicRegex())
                .setAssignment(assignment(member.assigned()))
                .setTargetAssignment(assignment(member.target()))
                .setMemberType(subscription.usesClassic() ? CLASSIC_MEMBER : CONSUMER_MEMBER);
    }

    private Assignment assignment(Set<PartitionId> partitions) {
        ClusterImage image = metadata.image();
        Map<Uuid, List<Integer>> topics = new TreeMap<>();
        partitions.forEach(partition -> topics.computeIfAbsent(partition.topicId(), topic -> new ArrayList<>())
                .add(partition.partition()));
        Assignment assignment = new Assignment();
        topics.forEach((topicId, numbers) -> image.topic(topicId).ifPresent(topic -> assignment
                .topicPartitions()
                .add(new TopicPartitions()
                        .setTopicId(topicId)
                        .setTopicName(topic.name())
                        .setPartitions(numbers))));
        return assignment;
    }

    private static DescribedGroup refused(String groupId, Errors error) {
        return new DescribedGroup()
                .setGroupId(groupId)
                .setErrorCode(error.code())
                .setErrorMessage(error.message());
    }
}
