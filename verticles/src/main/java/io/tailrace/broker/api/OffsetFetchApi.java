// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.group.GroupCoordinators;
import io.tailrace.cluster.group.CommittedOffset;
import io.tailrace.cluster.group.OffsetRequest;
import io.tailrace.cluster.group.OffsetRequest.Fetched;
import io.tailrace.cluster.group.OffsetRequest.FetchedOffset;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.TopicImage;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartition;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopic;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.ResourceType;

/**
 * OffsetFetch, key 9, versions 1 to 10.
 *
 * <p>A partition without a commit has offset -1 and no error. Null topics (2 on) ask for all; of those, topics that the sender may not see
 * are left out in silence. {@code require_stable} (7 on, KIP-447) gives UNSTABLE_OFFSET_COMMIT where an open transaction has staged an
 * offset. Batches of groups from version 8 on (KIP-709), KIP-848 members from 9, topic ids from 10 on. Offsets are never answered from a
 * coordinator that is still loading: that is COORDINATOR_LOAD_IN_PROGRESS, or a consumer would begin anew. Nor from one that is cut off from the
 * controller, and may coordinate no more: that is NOT_COORDINATOR.
 */
public final class OffsetFetchApi implements KafkaApi<OffsetFetchRequestData> {

    private final GroupCoordinators groups;
    private final MetadataView metadata;
    private final Authorizer authorizer;
    private final BooleanSupplier inTouch;

    /** @param inTouch whether the controller has heard of this node just now; else another may coordinate what this one does, and know of later commits */
    public OffsetFetchApi(
            GroupCoordinators groups, MetadataView metadata, Authorizer authorizer, BooleanSupplier inTouch) {
        this.inTouch = inTouch;
        this.groups = groups;
        this.metadata = metadata;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.OFFSET_FETCH;
    }

    @Override
    public Future<? extends ApiMessage> handle(RequestContext context, OffsetFetchRequestData request) {
        if (context.apiVersion() < 8) {
            return fetch(context, grouped(request), request.requireStable()).map(OffsetFetchApi::ungrouped);
        }
        List<Future<OffsetFetchResponseGroup>> fetched = new ArrayList<>();
        request.groups().forEach(group -> fetched.add(fetch(context, group, request.requireStable())));
        return Future.all(fetched).map(all -> new OffsetFetchResponseData().setGroups(all.list()));
    }

    private static OffsetFetchRequestGroup grouped(OffsetFetchRequestData request) {
        OffsetFetchRequestGroup group =
                new OffsetFetchRequestGroup().setGroupId(request.groupId()).setMemberId(null);
        if (request.topics() == null) {
            return group.setTopics(null);
        }
        return group.setTopics(request.topics().stream()
                .map(topic -> new OffsetFetchRequestTopics()
                        .setName(topic.name())
                        .setPartitionIndexes(topic.partitionIndexes()))
                .toList());
    }

    private static OffsetFetchResponseData ungrouped(OffsetFetchResponseGroup group) {
        OffsetFetchResponseData response = new OffsetFetchResponseData().setErrorCode(group.errorCode());
        for (OffsetFetchResponseTopics topic : group.topics()) {
            OffsetFetchResponseTopic single = new OffsetFetchResponseTopic().setName(topic.name());
            response.topics().add(single);
            topic.partitions().forEach(partition -> single.partitions()
                    .add(new OffsetFetchResponsePartition()
                            .setPartitionIndex(partition.partitionIndex())
                            .setCommittedOffset(partition.committedOffset())
                            .setCommittedLeaderEpoch(partition.committedLeaderEpoch())
                            .setMetadata(partition.metadata())
                            .setErrorCode(partition.errorCode())));
        }
        return response;
    }

    /** One group: what may be asked is asked, the answers are put with the refusals in the order of the request. */
    private Future<OffsetFetchResponseGroup> fetch(
            RequestContext context, OffsetFetchRequestGroup group, boolean requireStable) {
        if (!authorizer.allows(context, AclOperation.DESCRIBE, ResourceType.GROUP, group.groupId())) {
            return Future.succeededFuture(refused(context, group, Errors.GROUP_AUTHORIZATION_FAILED));
        }
        if (!inTouch.getAsBoolean()) {
            return Future.succeededFuture(refused(context, group, Errors.NOT_COORDINATOR));
        }
        ClusterImage image = metadata.image();
        List<TopicPartition> wanted = group.topics() == null ? null : new ArrayList<>();
        OffsetFetchResponseGroup response = new OffsetFetchResponseGroup().setGroupId(group.groupId());
        if (wanted != null) {
            for (OffsetFetchRequestTopics topic : group.topics()) {
                String name = context.apiVersion() >= 10
                        ? image.topic(topic.topicId()).map(TopicImage::name).orElse("")
                        : topic.name();
                Errors error = name.isEmpty()
                        ? Errors.UNKNOWN_TOPIC_ID
                        : authorizer.allows(context, AclOperation.DESCRIBE, ResourceType.TOPIC, name)
                                ? Errors.NONE
                                : Errors.TOPIC_AUTHORIZATION_FAILED;
                if (error == Errors.NONE) {
                    topic.partitionIndexes().forEach(index -> wanted.add(new TopicPartition(name, index)));
                } else {
                    response.topics().add(refused(topic, error));
                }
            }
        }
        return groups.ask(new OffsetRequest.Fetch(
                        group.groupId(), group.memberId(), group.memberEpoch(), requireStable, wanted))
                .map(reply -> reply.map(
                        Fetched.class,
                        fetched -> fetched.error() == Errors.NONE
                                ? fill(context, image, response, fetched.offsets())
                                : refused(context, group, fetched.error()),
                        error -> refused(context, group, error)));
    }

    private OffsetFetchResponseGroup fill(
            RequestContext context,
            ClusterImage image,
            OffsetFetchResponseGroup response,
            List<FetchedOffset> offsets) {
        Map<String, OffsetFetchResponseTopics> topics = new LinkedHashMap<>();
        for (FetchedOffset fetched : offsets) {
            String name = fetched.partition().topic();
            var id = image.topic(name).map(TopicImage::id);
            boolean tellable = context.apiVersion() < 10 || id.isPresent();
            if (!tellable || !authorizer.allows(context, AclOperation.DESCRIBE, ResourceType.TOPIC, name)) {
                continue;
            }
            topics.computeIfAbsent(name, first -> new OffsetFetchResponseTopics()
                            .setName(name)
                            .setTopicId(id.orElse(org.apache.kafka.common.Uuid.ZERO_UUID)))
                    .partitions()
                    .add(partition(fetched.partition().partition(), fetched.offset(), fetched.error()));
        }
        response.topics().addAll(topics.values());
        return response;
    }

    private static OffsetFetchResponsePartitions partition(int index, CommittedOffset offset, Errors error) {
        return new OffsetFetchResponsePartitions()
                .setPartitionIndex(index)
                .setCommittedOffset(offset.offset())
                .setCommittedLeaderEpoch(offset.leaderEpoch())
                .setMetadata(offset.metadata())
                .setErrorCode(error.code());
    }

    private static OffsetFetchResponseTopics refused(OffsetFetchRequestTopics topic, Errors error) {
        return new OffsetFetchResponseTopics()
                .setName(topic.name())
                .setTopicId(topic.topicId())
                .setPartitions(topic.partitionIndexes().stream()
                        .map(index -> partition(index, CommittedOffset.NONE, error))
                        .toList());
    }

    /** Version 1 has no error for the group: each partition carries it. */
    private static OffsetFetchResponseGroup refused(
            RequestContext context, OffsetFetchRequestGroup group, Errors error) {
        OffsetFetchResponseGroup response =
                new OffsetFetchResponseGroup().setGroupId(group.groupId()).setErrorCode(error.code());
        if (context.apiVersion() < 2) {
            group.topics().forEach(topic -> response.topics().add(refused(topic, error)));
        }
        return response;
    }
}
