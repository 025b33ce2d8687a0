// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.tools;

import io.tailrace.broker.net.RawClient;
import java.io.IOException;
import java.util.List;
import java.util.function.ToIntFunction;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocolCollection;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopicCollection;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * One group, asked over the wire by hand: brings it into a state, then sends one request of any kind and tells the error. The member that it
 * brings in is {@link #memberId} in {@link #generation}.
 */
final class GroupWire implements AutoCloseable {

    private static final String TOPIC = "t";
    private static final byte[] SUBSCRIPTION = Utils.toArray(
            ConsumerProtocol.serializeSubscription(new ConsumerPartitionAssignor.Subscription(List.of(TOPIC))));

    private final RawClient client;
    private final RawClient other;
    private final String group;
    private final int patienceMs;
    private String memberId = "nobody";
    private int generation = 1;

    /** @param patienceMs how long a join has to be without an answer to be told to wait */
    GroupWire(int port, String group, int patienceMs) throws IOException {
        this.patienceMs = patienceMs;
        this.client = new RawClient(port);
        this.other = new RawClient(port);
        this.group = group;
    }

    String memberId() {
        return memberId;
    }

    int generation() {
        return generation;
    }

    /** A coordinator that has just come to be may have to read its partition first. */
    void awaitCoordinator() throws IOException {
        while (!fetch(null, -1).equals("NONE")) {
            Thread.onSpinWait();
        }
    }

    // Into a state.

    void joinClassic() throws IOException {
        memberId = ask(ApiKeys.JOIN_GROUP, 9, joinRequest("", "consumer", "range"), new JoinGroupResponseData())
                .memberId();
        generation = ask(ApiKeys.JOIN_GROUP, 9, joinRequest(memberId, "consumer", "range"), new JoinGroupResponseData())
                .generationId();
    }

    /** Somebody else joins, and waits for the member. */
    void anotherJoins() throws IOException {
        other.send(ApiKeys.JOIN_GROUP, 3, 1, joinRequest("", "consumer", "range"));
        while (heartbeat(memberId, generation).equals("NONE")) {
            Thread.onSpinWait();
        }
    }

    void joinConsumer() throws IOException {
        memberId = "m";
        generation = ask(
                        ApiKeys.CONSUMER_GROUP_HEARTBEAT,
                        1,
                        consumerHeartbeat(memberId, 0),
                        new ConsumerGroupHeartbeatResponseData())
                .memberEpoch();
    }

    // One request, and its error.

    /** One without an id speaks a version that does not send it away to come back with one. */
    String join(String id, String type, String protocol) throws IOException {
        int version = id.isEmpty() ? 3 : 9;
        client.send(ApiKeys.JOIN_GROUP, version, 1, joinRequest(id, type, protocol));
        if (!client.isAnswered(patienceMs)) {
            return "waits";
        }
        return Errors.forCode(client.receive(ApiKeys.JOIN_GROUP, version, 1, new JoinGroupResponseData())
                        .errorCode())
                .name();
    }

    String sync(String id, int generationId) throws IOException {
        return tell(
                ApiKeys.SYNC_GROUP,
                5,
                new SyncGroupRequestData()
                        .setGroupId(group)
                        .setMemberId(id)
                        .setGenerationId(generationId)
                        .setProtocolType("consumer")
                        .setProtocolName("range")
                        .setAssignments(List.of(
                                new SyncGroupRequestAssignment().setMemberId(id).setAssignment(new byte[0]))),
                new SyncGroupResponseData(),
                SyncGroupResponseData::errorCode);
    }

    String heartbeat(String id, int generationId) throws IOException {
        return tell(
                ApiKeys.HEARTBEAT,
                4,
                new HeartbeatRequestData().setGroupId(group).setMemberId(id).setGenerationId(generationId),
                new HeartbeatResponseData(),
                HeartbeatResponseData::errorCode);
    }

    String leave(String id) throws IOException {
        return tell(
                ApiKeys.LEAVE_GROUP,
                5,
                new LeaveGroupRequestData().setGroupId(group).setMembers(List.of(new MemberIdentity().setMemberId(id))),
                new LeaveGroupResponseData(),
                left -> left.errorCode() == 0 && !left.members().isEmpty()
                        ? left.members().get(0).errorCode()
                        : left.errorCode());
    }

    String commit(String id, int generationId) throws IOException {
        return tell(
                ApiKeys.OFFSET_COMMIT,
                9,
                new OffsetCommitRequestData()
                        .setGroupId(group)
                        .setMemberId(id)
                        .setGenerationIdOrMemberEpoch(generationId)
                        .setTopics(List.of(new OffsetCommitRequestTopic()
                                .setName(TOPIC)
                                .setPartitions(List.of(new OffsetCommitRequestPartition()
                                        .setPartitionIndex(0)
                                        .setCommittedOffset(0))))),
                new OffsetCommitResponseData(),
                committed -> committed.topics().get(0).partitions().get(0).errorCode());
    }

    String fetch(@Nullable String id, int epoch) throws IOException {
        return tell(
                ApiKeys.OFFSET_FETCH,
                9,
                new OffsetFetchRequestData()
                        .setGroups(List.of(new OffsetFetchRequestGroup()
                                .setGroupId(group)
                                .setMemberId(id)
                                .setMemberEpoch(epoch)
                                .setTopics(null))),
                new OffsetFetchResponseData(),
                fetched -> fetched.groups().get(0).errorCode());
    }

    String deleteOffsets() throws IOException {
        OffsetDeleteRequestTopicCollection topics = new OffsetDeleteRequestTopicCollection();
        topics.add(new OffsetDeleteRequestTopic()
                .setName(TOPIC)
                .setPartitions(List.of(new OffsetDeleteRequestPartition().setPartitionIndex(0))));
        return tell(
                ApiKeys.OFFSET_DELETE,
                0,
                new OffsetDeleteRequestData().setGroupId(group).setTopics(topics),
                new OffsetDeleteResponseData(),
                deleted -> deleted.errorCode() == 0
                        ? deleted.topics().find(TOPIC).partitions().find(0).errorCode()
                        : deleted.errorCode());
    }

    String deleteGroup() throws IOException {
        return tell(
                ApiKeys.DELETE_GROUPS,
                2,
                new DeleteGroupsRequestData().setGroupsNames(List.of(group)),
                new DeleteGroupsResponseData(),
                deleted -> deleted.results().find(group).errorCode());
    }

    String describe() throws IOException {
        return tell(
                ApiKeys.DESCRIBE_GROUPS,
                6,
                new DescribeGroupsRequestData().setGroups(List.of(group)),
                new DescribeGroupsResponseData(),
                described -> described.groups().get(0).errorCode());
    }

    String describeConsumer() throws IOException {
        return tell(
                ApiKeys.CONSUMER_GROUP_DESCRIBE,
                1,
                new ConsumerGroupDescribeRequestData().setGroupIds(List.of(group)),
                new ConsumerGroupDescribeResponseData(),
                described -> described.groups().get(0).errorCode());
    }

    String report(String id, int epoch) throws IOException {
        return tell(
                ApiKeys.CONSUMER_GROUP_HEARTBEAT,
                1,
                consumerHeartbeat(id, epoch),
                new ConsumerGroupHeartbeatResponseData(),
                ConsumerGroupHeartbeatResponseData::errorCode);
    }

    private JoinGroupRequestData joinRequest(String id, String type, String protocol) {
        JoinGroupRequestProtocolCollection protocols = new JoinGroupRequestProtocolCollection();
        protocols.add(new JoinGroupRequestProtocol().setName(protocol).setMetadata(SUBSCRIPTION));
        return new JoinGroupRequestData()
                .setGroupId(group)
                .setMemberId(id)
                .setSessionTimeoutMs(60_000)
                .setRebalanceTimeoutMs(60_000)
                .setProtocolType(type)
                .setProtocols(protocols);
    }

    private ConsumerGroupHeartbeatRequestData consumerHeartbeat(String id, int epoch) {
        return new ConsumerGroupHeartbeatRequestData()
                .setGroupId(group)
                .setMemberId(id)
                .setMemberEpoch(epoch)
                .setRebalanceTimeoutMs(epoch == 0 ? 60_000 : -1)
                .setSubscribedTopicNames(epoch == 0 ? List.of(TOPIC) : null)
                .setTopicPartitions(epoch == 0 ? List.of() : null);
    }

    private <T extends ApiMessage> T ask(ApiKeys api, int version, ApiMessage request, T response) throws IOException {
        client.send(api, version, 1, request);
        return client.receive(api, version, 1, response);
    }

    private <T extends ApiMessage> String tell(
            ApiKeys api, int version, ApiMessage request, T response, ToIntFunction<T> errorCode) throws IOException {
        return Errors.forCode((short) errorCode.applyAsInt(ask(api, version, request, response)))
                .name();
    }

    @Override
    public void close() {
        client.close();
        other.close();
    }
}
