// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.controller.ControllerClient;
import io.tailrace.cluster.metadata.ControllerReply.LeadersElected;
import io.tailrace.cluster.metadata.ControllerReply.PartitionOutcome;
import io.tailrace.cluster.metadata.ControllerRequest.ElectLeaders;
import io.tailrace.cluster.metadata.Outcome;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.ElectLeadersResponseData;
import org.apache.kafka.common.message.ElectLeadersResponseData.PartitionResult;
import org.apache.kafka.common.message.ElectLeadersResponseData.ReplicaElectionResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * ElectLeaders (key 43, versions 0-2): makes preferred replicas leaders; from v1 (KIP-460) also elects a replica out of sync where no other
 * can lead.
 *
 * <p>No partitions (null) means all; those that need no election are then not told. v0 has no error of its own, so that an error of the whole
 * is told of each partition.
 */
public final class ElectLeadersApi implements KafkaApi<ElectLeadersRequestData> {

    private final ControllerClient controller;
    private final Authorizer authorizer;

    public ElectLeadersApi(ControllerClient controller, Authorizer authorizer) {
        this.controller = controller;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.ELECT_LEADERS;
    }

    @Override
    public Future<ElectLeadersResponseData> handle(RequestContext context, ElectLeadersRequestData request) {
        Optional<List<TopicPartition>> asked = partitions(request);
        short version = context.apiVersion();
        if (!new Permissions(authorizer, context).onCluster(AclOperation.ALTER)) {
            return Future.succeededFuture(refused(asked, Answer.refused(Errors.CLUSTER_AUTHORIZATION_FAILED), version));
        }
        if (request.electionType() != ElectionType.PREFERRED.value
                && request.electionType() != ElectionType.UNCLEAN.value) {
            Outcome unknown =
                    Outcome.refused(Errors.INVALID_REQUEST, "Unknown election type " + request.electionType() + ".");
            return Future.succeededFuture(refused(asked, unknown, version));
        }
        boolean unclean = request.electionType() == ElectionType.UNCLEAN.value;
        return controller
                .submit(new ElectLeaders(unclean, asked), Answer.timeoutMs(request.timeoutMs()))
                .map(reply -> Answer.of(
                        reply,
                        LeadersElected.class,
                        elected -> elected.outcome().isOk()
                                ? response(elected.partitions())
                                : refused(asked, elected.outcome(), version),
                        refusal -> refused(asked, refusal, version)));
    }

    private static Optional<List<TopicPartition>> partitions(ElectLeadersRequestData request) {
        if (request.topicPartitions() == null) {
            return Optional.empty();
        }
        List<TopicPartition> partitions = new ArrayList<>();
        request.topicPartitions().forEach(topic -> topic.partitions()
                .forEach(partition -> partitions.add(new TopicPartition(topic.topic(), partition))));
        return Optional.of(partitions);
    }

    private static ElectLeadersResponseData refused(
            Optional<List<TopicPartition>> asked, Outcome outcome, short version) {
        List<PartitionOutcome> partitions = asked.orElse(List.of()).stream()
                .map(partition -> new PartitionOutcome(partition, outcome))
                .toList();
        ElectLeadersResponseData response = response(partitions);
        return version == 0 ? response : response.setErrorCode(outcome.error().code());
    }

    private static ElectLeadersResponseData response(List<PartitionOutcome> partitions) {
        Map<String, ReplicaElectionResult> topics = new LinkedHashMap<>();
        for (PartitionOutcome partition : partitions) {
            topics.computeIfAbsent(partition.partition().topic(), topic -> new ReplicaElectionResult().setTopic(topic))
                    .partitionResult()
                    .add(new PartitionResult()
                            .setPartitionId(partition.partition().partition())
                            .setErrorCode(partition.outcome().error().code())
                            .setErrorMessage(Answer.message(partition.outcome())));
        }
        return new ElectLeadersResponseData().setReplicaElectionResults(new ArrayList<>(topics.values()));
    }
}
