// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.controller.ControllerClient;
import io.tailrace.cluster.config.ConfigDescriptions;
import io.tailrace.cluster.metadata.ControllerReply;
import io.tailrace.cluster.metadata.ControllerReply.CreatedTopic;
import io.tailrace.cluster.metadata.ControllerReply.TopicsCreated;
import io.tailrace.cluster.metadata.ControllerRequest.CreateTopics;
import io.tailrace.cluster.metadata.ControllerRequest.NewTopic;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.Outcome;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicConfigs;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * CreateTopics (key 19, versions 2-7).
 *
 * <p>Each topic succeeds or fails on its own; one named twice fails, and is told once. {@code validateOnly} does all but the writing. From v5
 * the answer tells the partitions, the replication factor and the whole configuration that the topic has (KIP-525), to whoever may describe
 * its configuration; from v7 its id. -1 stands for the cluster's defaults (KIP-464), which is checked by nobody before v4 and harmless.
 */
public final class CreateTopicsApi implements KafkaApi<CreateTopicsRequestData> {

    private final MetadataView metadata;
    private final ControllerClient controller;
    private final Authorizer authorizer;
    private final NodeProperties node;

    public CreateTopicsApi(
            MetadataView metadata, ControllerClient controller, Authorizer authorizer, NodeProperties node) {
        this.metadata = metadata;
        this.controller = controller;
        this.authorizer = authorizer;
        this.node = node;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.CREATE_TOPICS;
    }

    @Override
    public Future<CreateTopicsResponseData> handle(RequestContext context, CreateTopicsRequestData request) {
        Permissions sender = new Permissions(authorizer, context);
        List<NewTopic> allowed = new ArrayList<>();
        List<CreatedTopic> refused = new ArrayList<>();
        boolean all = sender.onCluster(AclOperation.CREATE);
        for (CreatableTopic topic : request.topics()) {
            if (!all && !sender.onTopic(AclOperation.CREATE, topic.name())) {
                refused.add(refused(topic.name(), Answer.refused(Errors.TOPIC_AUTHORIZATION_FAILED)));
                continue;
            }
            assignmentDefect(topic)
                    .ifPresentOrElse(
                            defect -> refused.add(refused(topic.name(), defect)), () -> allowed.add(newTopic(topic)));
        }
        if (allowed.isEmpty()) {
            return Future.succeededFuture(response(refused, List.of(), sender));
        }
        return controller
                .submit(new CreateTopics(allowed, request.validateOnly()), Answer.timeoutMs(request.timeoutMs()))
                .map(reply -> response(refused, created(allowed, reply), sender));
    }

    /** The controller is told assignments by partition number; a number that comes twice would be lost on the way. */
    private static Optional<Outcome> assignmentDefect(CreatableTopic topic) {
        Set<Integer> numbers = new HashSet<>();
        for (CreatableReplicaAssignment assignment : topic.assignments()) {
            if (!numbers.add(assignment.partitionIndex())) {
                return Optional.of(Outcome.refused(
                        Errors.INVALID_REPLICA_ASSIGNMENT,
                        "Replicas are assigned twice to partition " + assignment.partitionIndex() + "."));
            }
        }
        return Optional.empty();
    }

    private static NewTopic newTopic(CreatableTopic topic) {
        SortedMap<Integer, List<Integer>> assignment = new TreeMap<>();
        for (CreatableReplicaAssignment replicas : topic.assignments()) {
            assignment.put(replicas.partitionIndex(), List.copyOf(replicas.brokerIds()));
        }
        Map<String, Optional<String>> configs = new HashMap<>();
        topic.configs().forEach(config -> configs.put(config.name(), Optional.ofNullable(config.value())));
        return new NewTopic(topic.name(), topic.numPartitions(), topic.replicationFactor(), assignment, configs);
    }

    private static CreatedTopic refused(String name, Outcome outcome) {
        return new CreatedTopic(name, outcome, Uuid.ZERO_UUID, -1, -1, Map.of());
    }

    private static List<CreatedTopic> created(List<NewTopic> asked, ControllerReply reply) {
        return Answer.of(reply, TopicsCreated.class, TopicsCreated::topics, refused -> asked.stream()
                .map(topic -> refused(topic.name(), refused))
                .toList());
    }

    private CreateTopicsResponseData response(
            List<CreatedTopic> refused, List<CreatedTopic> created, Permissions sender) {
        CreateTopicsResponseData response = new CreateTopicsResponseData();
        Set<String> told = new HashSet<>();
        for (List<CreatedTopic> topics : List.of(refused, created)) {
            for (CreatedTopic topic : topics) {
                if (told.add(topic.name())) {
                    response.topics().add(result(topic, sender));
                }
            }
        }
        return response;
    }

    private CreatableTopicResult result(CreatedTopic topic, Permissions sender) {
        CreatableTopicResult result = new CreatableTopicResult()
                .setName(topic.name())
                .setTopicId(topic.id())
                .setErrorCode(topic.outcome().error().code())
                .setErrorMessage(Answer.message(topic.outcome()));
        if (!topic.outcome().isOk()) {
            return result;
        }
        if (!sender.onTopic(AclOperation.DESCRIBE_CONFIGS, topic.name())) {
            return result.setTopicConfigErrorCode(Errors.TOPIC_AUTHORIZATION_FAILED.code());
        }
        return result.setNumPartitions(topic.partitions())
                .setReplicationFactor((short) topic.replicationFactor())
                .setConfigs(configs(topic.configs()));
    }

    private List<CreatableTopicConfigs> configs(Map<String, String> overrides) {
        return ConfigDescriptions.topic(node.layers(metadata.image()), overrides).stream()
                .map(config -> new CreatableTopicConfigs()
                        .setName(config.name())
                        .setValue(config.value())
                        .setReadOnly(config.readOnly())
                        .setConfigSource(config.source().id())
                        .setIsSensitive(config.sensitive()))
                .toList();
    }
}
