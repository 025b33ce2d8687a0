// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.controller.ControllerClient;
import io.tailrace.cluster.metadata.ControllerReply.PartitionOutcome;
import io.tailrace.cluster.metadata.ControllerReply.ReassignmentsAltered;
import io.tailrace.cluster.metadata.ControllerRequest.AlterReassignments;
import io.tailrace.cluster.metadata.ControllerRequest.Reassignment;
import io.tailrace.cluster.metadata.Outcome;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData.ReassignablePartitionResponse;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData.ReassignableTopicResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * AlterPartitionReassignments (key 45, versions 0-1; KIP-455): moves partitions to other replicas, or (null replicas) calls a move off.
 *
 * <p>Each partition succeeds or fails on its own. v1 (KIP-860) can forbid that the number of replicas changes.
 */
public final class AlterPartitionReassignmentsApi implements KafkaApi<AlterPartitionReassignmentsRequestData> {

    private final ControllerClient controller;
    private final Authorizer authorizer;

    public AlterPartitionReassignmentsApi(ControllerClient controller, Authorizer authorizer) {
        this.controller = controller;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.ALTER_PARTITION_REASSIGNMENTS;
    }

    @Override
    public Future<AlterPartitionReassignmentsResponseData> handle(
            RequestContext context, AlterPartitionReassignmentsRequestData request) {
        if (!new Permissions(authorizer, context).onCluster(AclOperation.ALTER)) {
            return Future.succeededFuture(refused(Answer.refused(Errors.CLUSTER_AUTHORIZATION_FAILED)));
        }
        List<Reassignment> reassignments = new ArrayList<>();
        request.topics().forEach(topic -> topic.partitions()
                .forEach(partition -> reassignments.add(new Reassignment(
                        new TopicPartition(topic.name(), partition.partitionIndex()),
                        Optional.ofNullable(partition.replicas()).map(List::copyOf)))));
        boolean factorMayChange = context.apiVersion() == 0 || request.allowReplicationFactorChange();
        return controller
                .submit(new AlterReassignments(reassignments, factorMayChange), Answer.timeoutMs(request.timeoutMs()))
                .map(reply -> Answer.of(
                        reply,
                        ReassignmentsAltered.class,
                        altered -> altered.outcome().isOk() ? response(altered) : refused(altered.outcome()),
                        AlterPartitionReassignmentsApi::refused))
                .map(response -> response.setAllowReplicationFactorChange(factorMayChange));
    }

    private static AlterPartitionReassignmentsResponseData response(ReassignmentsAltered altered) {
        Map<String, ReassignableTopicResponse> topics = new LinkedHashMap<>();
        for (PartitionOutcome partition : altered.partitions()) {
            topics.computeIfAbsent(
                            partition.partition().topic(), topic -> new ReassignableTopicResponse().setName(topic))
                    .partitions()
                    .add(new ReassignablePartitionResponse()
                            .setPartitionIndex(partition.partition().partition())
                            .setErrorCode(partition.outcome().error().code())
                            .setErrorMessage(Answer.message(partition.outcome())));
        }
        return new AlterPartitionReassignmentsResponseData()
                .setErrorMessage(null)
                .setResponses(new ArrayList<>(topics.values()));
    }

    private static AlterPartitionReassignmentsResponseData refused(Outcome outcome) {
        return new AlterPartitionReassignmentsResponseData()
                .setErrorCode(outcome.error().code())
                .setErrorMessage(Answer.message(outcome));
    }
}
