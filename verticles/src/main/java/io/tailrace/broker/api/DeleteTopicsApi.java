// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.controller.ControllerClient;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.ControllerReply;
import io.tailrace.cluster.metadata.ControllerReply.DeletedTopic;
import io.tailrace.cluster.metadata.ControllerReply.TopicsDeleted;
import io.tailrace.cluster.metadata.ControllerRequest.DeleteTopics;
import io.tailrace.cluster.metadata.ControllerRequest.TopicRef;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.Outcome;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * DeleteTopics (key 20, versions 1-6): by name, from v6 also by id (KIP-516).
 *
 * <p>Each topic succeeds or fails on its own. A topic told twice, in whichever way, is not deleted. The name behind an id is told to whoever
 * may describe the topic, and to nobody else. TOPIC_DELETION_DISABLED came with v3; before, INVALID_REQUEST stands for it.
 */
public final class DeleteTopicsApi implements KafkaApi<DeleteTopicsRequestData> {

    private final MetadataView metadata;
    private final ControllerClient controller;
    private final Authorizer authorizer;

    public DeleteTopicsApi(MetadataView metadata, ControllerClient controller, Authorizer authorizer) {
        this.metadata = metadata;
        this.controller = controller;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.DELETE_TOPICS;
    }

    @Override
    public Future<DeleteTopicsResponseData> handle(RequestContext context, DeleteTopicsRequestData request) {
        Permissions sender = new Permissions(authorizer, context);
        ClusterImage image = metadata.image();
        List<TopicRef> allowed = new ArrayList<>();
        List<DeletedTopic> refused = new ArrayList<>();
        for (TopicRef topic : asked(request, context.apiVersion())) {
            denial(topic, image, sender).ifPresentOrElse(refused::add, () -> allowed.add(topic));
        }
        if (allowed.isEmpty()) {
            return Future.succeededFuture(response(refused, List.of(), context.apiVersion()));
        }
        return controller
                .submit(new DeleteTopics(allowed), Answer.timeoutMs(request.timeoutMs()))
                .map(reply -> response(refused, deleted(allowed, reply), context.apiVersion()));
    }

    private static List<TopicRef> asked(DeleteTopicsRequestData request, short version) {
        return version < 6
                ? request.topicNames().stream().map(TopicRef::named).toList()
                : request.topics().stream()
                        .map(topic -> new TopicRef(Optional.ofNullable(topic.name()), topic.topicId()))
                        .toList();
    }

    private static Optional<DeletedTopic> denial(TopicRef topic, ClusterImage image, Permissions sender) {
        boolean byName = topic.name().isPresent();
        String name = topic.name()
                .or(() -> image.topic(topic.id()).map(found -> found.name()))
                .orElse(null);
        if (name == null || sender.onTopic(AclOperation.DELETE, name)) {
            return Optional.empty();
        }
        boolean known = byName || sender.onTopic(AclOperation.DESCRIBE, name);
        return Optional.of(new DeletedTopic(
                known ? Optional.of(name) : Optional.empty(),
                topic.id(),
                Answer.refused(Errors.TOPIC_AUTHORIZATION_FAILED)));
    }

    private static List<DeletedTopic> deleted(List<TopicRef> asked, ControllerReply reply) {
        return Answer.of(reply, TopicsDeleted.class, TopicsDeleted::topics, refused -> asked.stream()
                .map(topic -> new DeletedTopic(topic.name(), topic.id(), refused))
                .toList());
    }

    private static DeleteTopicsResponseData response(
            List<DeletedTopic> refused, List<DeletedTopic> deleted, short version) {
        DeleteTopicsResponseData response = new DeleteTopicsResponseData();
        Set<TopicRef> told = new LinkedHashSet<>();
        for (List<DeletedTopic> topics : List.of(refused, deleted)) {
            for (DeletedTopic topic : topics) {
                // Of a topic that was named twice, one answer.
                if (told.add(new TopicRef(topic.name(), topic.id()))) {
                    response.responses().add(result(topic, version));
                }
            }
        }
        return response;
    }

    private static DeletableTopicResult result(DeletedTopic topic, short version) {
        Outcome outcome = topic.outcome();
        boolean newer = outcome.error() == Errors.TOPIC_DELETION_DISABLED && version < 3;
        return new DeletableTopicResult()
                .setName(topic.name().orElse(null))
                .setTopicId(topic.id() == null ? Uuid.ZERO_UUID : topic.id())
                .setErrorCode((newer ? Errors.INVALID_REQUEST : outcome.error()).code())
                .setErrorMessage(Answer.message(outcome));
    }
}
