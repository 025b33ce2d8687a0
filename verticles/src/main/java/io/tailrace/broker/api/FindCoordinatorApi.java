// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.group.CoordinatorTopics;
import io.tailrace.broker.group.GroupCoordinators;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.PartitionImage;
import io.tailrace.cluster.metadata.TopicImage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.ResourceType;

/**
 * FindCoordinator, key 10, versions 0 to 6.
 *
 * <p>Names the node that leads the partition of {@code __consumer_offsets} or {@code __transaction_state} that a key hashes to; the first to
 * ask makes the topic. Transactional ids (key type 1) from version 1 on, batches of keys (KIP-699) from version 4 on. Key type 2, of share
 * groups, is INVALID_REQUEST: their state needs no coordinator of its own that clients could find. Retriable errors are
 * COORDINATOR_NOT_AVAILABLE.
 *
 * <p>A group's coordinator on this node is named when it has read its partition, or after {@value #LOADING_MS} ms: some clients, kafkajs among them,
 * give up when the first thing that they hear from a coordinator is that it is still loading.
 */
public final class FindCoordinatorApi implements KafkaApi<FindCoordinatorRequestData> {

    private static final byte GROUP = 0;
    private static final byte TRANSACTION = 1;

    private static final long LOADING_MS = 5_000;
    private static final long LOOK_AGAIN_MS = 20;

    private final MetadataView metadata;
    private final CoordinatorTopics topics;
    private final GroupCoordinators groups;
    private final Authorizer authorizer;

    public FindCoordinatorApi(
            MetadataView metadata, CoordinatorTopics topics, GroupCoordinators groups, Authorizer authorizer) {
        this.metadata = metadata;
        this.topics = topics;
        this.groups = groups;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.FIND_COORDINATOR;
    }

    @Override
    public Future<? extends ApiMessage> handle(RequestContext context, FindCoordinatorRequestData request) {
        boolean batched = context.apiVersion() >= 4;
        List<String> keys = batched ? request.coordinatorKeys() : List.of(request.key());
        List<Future<Coordinator>> found = new ArrayList<>(keys.size());
        for (String key : keys) {
            found.add(find(context, request.keyType(), key));
        }
        return Future.all(found).map(all -> batched ? batch(all.list()) : single(all.resultAt(0)));
    }

    private static FindCoordinatorResponseData batch(List<Coordinator> coordinators) {
        return new FindCoordinatorResponseData().setCoordinators(coordinators);
    }

    private static FindCoordinatorResponseData single(Coordinator coordinator) {
        return new FindCoordinatorResponseData()
                .setErrorCode(coordinator.errorCode())
                .setErrorMessage(coordinator.errorMessage())
                .setNodeId(coordinator.nodeId())
                .setHost(coordinator.host())
                .setPort(coordinator.port());
    }

    private Future<Coordinator> find(RequestContext context, byte keyType, String key) {
        Errors refusal = refusal(context, keyType, key);
        if (refusal != Errors.NONE) {
            return Future.succeededFuture(failed(key, refusal));
        }
        String topic = keyType == GROUP ? Topic.GROUP_METADATA_TOPIC_NAME : Topic.TRANSACTION_STATE_TOPIC_NAME;
        Future<Coordinator> located = topics.find(topic).map(image -> locate(context, key, image));
        return keyType == GROUP ? located.compose(found -> loaded(context, key, found)) : located;
    }

    private Future<Coordinator> loaded(RequestContext context, String group, Coordinator found) {
        if (found.errorCode() != Errors.NONE.code() || !groups.isHere(found.nodeId())) {
            return Future.succeededFuture(found);
        }
        Promise<Coordinator> done = Promise.promise();
        awaitLoaded(context, group, System.currentTimeMillis() + LOADING_MS, () -> done.complete(found));
        return done.future();
    }

    private void awaitLoaded(RequestContext context, String group, long deadlineMs, Runnable then) {
        groups.isLoading(group).onSuccess(loading -> {
            if (loading && System.currentTimeMillis() < deadlineMs) {
                context.context()
                        .owner()
                        .setTimer(LOOK_AGAIN_MS, again -> awaitLoaded(context, group, deadlineMs, then));
            } else {
                then.run();
            }
        });
    }

    private Errors refusal(RequestContext context, byte keyType, String key) {
        return switch (keyType) {
            case GROUP ->
                authorizer.allows(context, AclOperation.DESCRIBE, ResourceType.GROUP, key)
                        ? Errors.NONE
                        : Errors.GROUP_AUTHORIZATION_FAILED;
            case TRANSACTION ->
                authorizer.allows(context, AclOperation.DESCRIBE, ResourceType.TRANSACTIONAL_ID, key)
                        ? Errors.NONE
                        : Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
            default -> Errors.INVALID_REQUEST;
        };
    }

    private Coordinator locate(RequestContext context, String key, Optional<TopicImage> topic) {
        if (topic.isEmpty() || topic.get().partitions().isEmpty()) {
            return failed(key, Errors.COORDINATOR_NOT_AVAILABLE);
        }
        List<PartitionImage> partitions = topic.get().partitions();
        int leader = partitions
                .get(GroupCoordinators.partitionOf(key, partitions.size()))
                .leader();
        return new Reachable(metadata.image(), context)
                .node(leader)
                .map(node -> new Coordinator()
                        .setKey(key)
                        .setNodeId(node.id())
                        .setHost(node.host())
                        .setPort(node.port()))
                .orElseGet(() -> failed(key, Errors.COORDINATOR_NOT_AVAILABLE));
    }

    private static Coordinator failed(String key, Errors error) {
        return new Coordinator()
                .setKey(key)
                .setErrorCode(error.code())
                .setErrorMessage(error.message())
                .setNodeId(-1)
                .setHost("")
                .setPort(-1);
    }
}
