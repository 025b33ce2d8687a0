// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.cluster.metadata.MetadataView;
import io.vertx.core.Future;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.DescribeQuorumRequestData;
import org.apache.kafka.common.message.DescribeQuorumResponseData;
import org.apache.kafka.common.message.DescribeQuorumResponseData.Listener;
import org.apache.kafka.common.message.DescribeQuorumResponseData.Node;
import org.apache.kafka.common.message.DescribeQuorumResponseData.PartitionData;
import org.apache.kafka.common.message.DescribeQuorumResponseData.ReplicaState;
import org.apache.kafka.common.message.DescribeQuorumResponseData.TopicData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * DescribeQuorum (key 55, versions 0-2): who keeps the metadata log, who leads, and how far each has got.
 *
 * <p>Kafka's clients ask it of partition 0 of {@code __cluster_metadata}; there is no such topic here, but a Raft group that stands for it:
 * its term is the leader epoch and its commit index the high watermark. v1 adds times of contact, v2 (KIP-853) directories, the nodes' listeners
 * and texts of errors. Where this node does not know how far another one is, it says -1.
 */
public final class DescribeQuorumApi implements KafkaApi<DescribeQuorumRequestData> {

    private final MetadataView metadata;
    private final Supplier<Future<QuorumState>> quorum;
    private final Authorizer authorizer;

    /** @param quorum asks the leader of the log; on any thread, and never fails */
    public DescribeQuorumApi(MetadataView metadata, Supplier<Future<QuorumState>> quorum, Authorizer authorizer) {
        this.metadata = metadata;
        this.quorum = quorum;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.DESCRIBE_QUORUM;
    }

    @Override
    public Future<DescribeQuorumResponseData> handle(RequestContext context, DescribeQuorumRequestData request) {
        DescribeQuorumResponseData response = new DescribeQuorumResponseData();
        if (!new Permissions(authorizer, context).onCluster(AclOperation.DESCRIBE)) {
            Errors denied = Errors.CLUSTER_AUTHORIZATION_FAILED;
            return Future.succeededFuture(response.setErrorCode(denied.code()).setErrorMessage(denied.message()));
        }
        return quorum.get().map(state -> answer(context, request, state));
    }

    private DescribeQuorumResponseData answer(
            RequestContext context, DescribeQuorumRequestData request, QuorumState state) {
        DescribeQuorumResponseData response = new DescribeQuorumResponseData();
        for (DescribeQuorumRequestData.TopicData topic : request.topics()) {
            TopicData told = new TopicData().setTopicName(topic.topicName());
            for (DescribeQuorumRequestData.PartitionData partition : topic.partitions()) {
                boolean known =
                        topic.topicName().equals(Topic.CLUSTER_METADATA_TOPIC_NAME) && partition.partitionIndex() == 0;
                told.partitions()
                        .add(known ? partition(state, context.apiVersion()) : unknown(partition.partitionIndex()));
            }
            response.topics().add(told);
        }
        if (context.apiVersion() >= 2) {
            addNodes(response, state, new Reachable(metadata.image(), context));
        }
        return response;
    }

    private static PartitionData partition(QuorumState state, short version) {
        return new PartitionData()
                .setPartitionIndex(0)
                .setLeaderId(state.leaderId())
                .setLeaderEpoch(state.term())
                .setHighWatermark(state.endIndex())
                .setCurrentVoters(replicas(state.voters(), version))
                .setObservers(replicas(state.observers(), version));
    }

    private static List<ReplicaState> replicas(List<QuorumState.Member> members, short version) {
        return members.stream()
                .map(member -> new ReplicaState()
                        .setReplicaId(member.nodeId())
                        .setReplicaDirectoryId(version >= 2 ? member.directory() : Uuid.ZERO_UUID)
                        .setLogEndOffset(member.endIndex())
                        .setLastFetchTimestamp(member.lastContactMs())
                        .setLastCaughtUpTimestamp(member.lastContactMs()))
                .toList();
    }

    private static PartitionData unknown(int index) {
        Errors error = Errors.UNKNOWN_TOPIC_OR_PARTITION;
        return new PartitionData()
                .setPartitionIndex(index)
                .setErrorCode(error.code())
                .setErrorMessage(error.message());
    }

    private static void addNodes(DescribeQuorumResponseData response, QuorumState state, Reachable reachable) {
        Set<Integer> ids = new TreeSet<>();
        state.voters().forEach(member -> ids.add(member.nodeId()));
        state.observers().forEach(member -> ids.add(member.nodeId()));
        reachable.nodes(true).stream().filter(node -> ids.contains(node.id())).forEach(node -> response.nodes()
                .add(node(node, reachable.context())));
    }

    /** The address by which the client can ask this node: as long as the quorum has no listener of its own, it is asked there too. */
    private static Node node(Reachable.Node node, RequestContext context) {
        Node told = new Node().setNodeId(node.id());
        told.listeners()
                .add(new Listener()
                        .setName(context.listener())
                        .setHost(node.host())
                        .setPort(node.port()));
        return told;
    }
}
