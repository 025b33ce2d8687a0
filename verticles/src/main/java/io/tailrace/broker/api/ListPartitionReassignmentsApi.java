// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.controller.ControllerClient;
import io.tailrace.cluster.metadata.ControllerReply.OngoingReassignment;
import io.tailrace.cluster.metadata.ControllerReply.Reassignments;
import io.tailrace.cluster.metadata.ControllerRequest.ListReassignments;
import io.tailrace.cluster.metadata.Outcome;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData.OngoingPartitionReassignment;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData.OngoingTopicReassignment;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * ListPartitionReassignments (key 46, version 0; KIP-455): which partitions are moving. No topics (null) means all; a partition that is not
 * moving, or is not there, is not told.
 */
public final class ListPartitionReassignmentsApi implements KafkaApi<ListPartitionReassignmentsRequestData> {

    private final ControllerClient controller;
    private final Authorizer authorizer;

    public ListPartitionReassignmentsApi(ControllerClient controller, Authorizer authorizer) {
        this.controller = controller;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.LIST_PARTITION_REASSIGNMENTS;
    }

    @Override
    public Future<ListPartitionReassignmentsResponseData> handle(
            RequestContext context, ListPartitionReassignmentsRequestData request) {
        if (!new Permissions(authorizer, context).onCluster(AclOperation.DESCRIBE)) {
            return Future.succeededFuture(refused(Answer.refused(Errors.CLUSTER_AUTHORIZATION_FAILED)));
        }
        return controller
                .submit(new ListReassignments(partitions(request)), Answer.timeoutMs(request.timeoutMs()))
                .map(reply -> Answer.of(
                        reply,
                        Reassignments.class,
                        found -> found.outcome().isOk() ? response(found) : refused(found.outcome()),
                        ListPartitionReassignmentsApi::refused));
    }

    private static Optional<List<TopicPartition>> partitions(ListPartitionReassignmentsRequestData request) {
        if (request.topics() == null) {
            return Optional.empty();
        }
        List<TopicPartition> partitions = new ArrayList<>();
        request.topics().forEach(topic -> topic.partitionIndexes()
                .forEach(partition -> partitions.add(new TopicPartition(topic.name(), partition))));
        return Optional.of(partitions);
    }

    private static ListPartitionReassignmentsResponseData response(Reassignments found) {
        Map<String, OngoingTopicReassignment> topics = new LinkedHashMap<>();
        for (OngoingReassignment ongoing : found.ongoing()) {
            topics.computeIfAbsent(ongoing.partition().topic(), topic -> new OngoingTopicReassignment().setName(topic))
                    .partitions()
                    .add(new OngoingPartitionReassignment()
                            .setPartitionIndex(ongoing.partition().partition())
                            .setReplicas(ongoing.replicas())
                            .setAddingReplicas(ongoing.adding())
                            .setRemovingReplicas(ongoing.removing()));
        }
        return new ListPartitionReassignmentsResponseData()
                .setErrorMessage(null)
                .setTopics(new ArrayList<>(topics.values()));
    }

    private static ListPartitionReassignmentsResponseData refused(Outcome outcome) {
        return new ListPartitionReassignmentsResponseData()
                .setErrorCode(outcome.error().code())
                .setErrorMessage(Answer.message(outcome));
    }
}
