// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.controller.ControllerClient;
import io.tailrace.cluster.metadata.ControllerReply;
import io.tailrace.cluster.metadata.ControllerReply.PartitionsCreated;
import io.tailrace.cluster.metadata.ControllerReply.TopicOutcome;
import io.tailrace.cluster.metadata.ControllerRequest.CreatePartitions;
import io.tailrace.cluster.metadata.ControllerRequest.MorePartitions;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreatePartitionsResponseData.CreatePartitionsTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * CreatePartitions (key 37, versions 0-3): more partitions for topics that exist.
 *
 * <p>Each topic succeeds or fails on its own and is told in the answer, succeeded or not; a topic named twice gets nothing, and is told once.
 * Versions differ in encoding only.
 */
public final class CreatePartitionsApi implements KafkaApi<CreatePartitionsRequestData> {

    private final ControllerClient controller;
    private final Authorizer authorizer;

    public CreatePartitionsApi(ControllerClient controller, Authorizer authorizer) {
        this.controller = controller;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.CREATE_PARTITIONS;
    }

    @Override
    public Future<CreatePartitionsResponseData> handle(RequestContext context, CreatePartitionsRequestData request) {
        Permissions sender = new Permissions(authorizer, context);
        List<MorePartitions> allowed = new ArrayList<>();
        List<TopicOutcome> refused = new ArrayList<>();
        for (CreatePartitionsTopic topic : request.topics()) {
            if (sender.onTopic(AclOperation.ALTER, topic.name())) {
                allowed.add(morePartitions(topic));
            } else {
                refused.add(new TopicOutcome(topic.name(), Answer.refused(Errors.TOPIC_AUTHORIZATION_FAILED)));
            }
        }
        if (allowed.isEmpty()) {
            return Future.succeededFuture(response(refused, List.of()));
        }
        return controller
                .submit(new CreatePartitions(allowed, request.validateOnly()), Answer.timeoutMs(request.timeoutMs()))
                .map(reply -> response(refused, created(allowed, reply)));
    }

    private static MorePartitions morePartitions(CreatePartitionsTopic topic) {
        return new MorePartitions(
                topic.name(),
                topic.count(),
                Optional.ofNullable(topic.assignments()).map(assignments -> assignments.stream()
                        .map(assignment -> List.copyOf(assignment.brokerIds()))
                        .toList()));
    }

    private static List<TopicOutcome> created(List<MorePartitions> asked, ControllerReply reply) {
        return Answer.of(reply, PartitionsCreated.class, PartitionsCreated::topics, refused -> asked.stream()
                .map(topic -> new TopicOutcome(topic.topic(), refused))
                .toList());
    }

    private static CreatePartitionsResponseData response(List<TopicOutcome> refused, List<TopicOutcome> created) {
        CreatePartitionsResponseData response = new CreatePartitionsResponseData();
        Set<String> told = new HashSet<>();
        for (List<TopicOutcome> topics : List.of(refused, created)) {
            for (TopicOutcome topic : topics) {
                if (told.add(topic.topic())) {
                    response.results()
                            .add(new CreatePartitionsTopicResult()
                                    .setName(topic.topic())
                                    .setErrorCode(topic.outcome().error().code())
                                    .setErrorMessage(Answer.message(topic.outcome())));
                }
            }
        }
        return response;
    }
}
