// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.group.GroupCoordinators;
import io.tailrace.cluster.coordinator.Batch;
import io.tailrace.cluster.group.OffsetRequest;
import io.tailrace.cluster.group.OffsetRequest.Committed;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.TopicImage;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponsePartition;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.ResourceType;

/**
 * OffsetCommit, key 8, versions 2 to 10.
 *
 * <p>Answered when the offsets are durable. Topics by name, from version 10 on by id (KIP-848); a topic or partition that does not exist is
 * refused by itself. A retention time (2 to 4) is kept with the offset; leader epochs from version 6, static members from version 7,
 * KIP-848's member epochs and their errors from version 9 on.
 */
public final class OffsetCommitApi implements KafkaApi<OffsetCommitRequestData> {

    private final GroupCoordinators groups;
    private final MetadataView metadata;
    private final Authorizer authorizer;

    public OffsetCommitApi(GroupCoordinators groups, MetadataView metadata, Authorizer authorizer) {
        this.groups = groups;
        this.metadata = metadata;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.OFFSET_COMMIT;
    }

    @Override
    public Future<? extends ApiMessage> handle(RequestContext context, OffsetCommitRequestData request) {
        Errors whole = !authorizer.allows(context, AclOperation.READ, ResourceType.GROUP, request.groupId())
                ? Errors.GROUP_AUTHORIZATION_FAILED
                : request.groupId().isEmpty() ? Errors.INVALID_GROUP_ID : Errors.NONE;
        ClusterImage image = metadata.image();
        OffsetCommitResponseData response = new OffsetCommitResponseData();
        List<OffsetRequest.Offset> offsets = new ArrayList<>();
        List<OffsetCommitResponsePartition> waiting = new ArrayList<>();
        for (OffsetCommitRequestTopic asked : request.topics()) {
            boolean byId = context.apiVersion() >= 10;
            Optional<TopicImage> topic = byId ? image.topic(asked.topicId()) : image.topic(asked.name());
            String name = topic.map(TopicImage::name).orElse(asked.name());
            Errors error = whole != Errors.NONE
                    ? whole
                    : byId && topic.isEmpty()
                            ? Errors.UNKNOWN_TOPIC_ID
                            : authorizer.allows(context, AclOperation.READ, ResourceType.TOPIC, name)
                                    ? Errors.NONE
                                    : Errors.TOPIC_AUTHORIZATION_FAILED;
            OffsetCommitResponseTopic answered =
                    new OffsetCommitResponseTopic().setName(asked.name()).setTopicId(asked.topicId());
            response.topics().add(answered);
            for (OffsetCommitRequestPartition partition : asked.partitions()) {
                Errors own = error != Errors.NONE
                        ? error
                        : image.partition(name, partition.partitionIndex()).isPresent()
                                ? Errors.NONE
                                : Errors.UNKNOWN_TOPIC_OR_PARTITION;
                OffsetCommitResponsePartition answer = new OffsetCommitResponsePartition()
                        .setPartitionIndex(partition.partitionIndex())
                        .setErrorCode(own.code());
                answered.partitions().add(answer);
                if (own == Errors.NONE) {
                    waiting.add(answer);
                    offsets.add(offset(topic.orElseThrow(), partition));
                }
            }
        }
        if (whole != Errors.NONE || offsets.isEmpty() && !request.topics().isEmpty()) {
            return Future.succeededFuture(response);
        }
        return commit(context, request, offsets).map(errors -> {
            for (int i = 0; i < waiting.size(); i++) {
                waiting.get(i).setErrorCode(errors.get(i).code());
            }
            return response;
        });
    }

    private static OffsetRequest.Offset offset(TopicImage topic, OffsetCommitRequestPartition partition) {
        return new OffsetRequest.Offset(
                new TopicPartition(topic.name(), partition.partitionIndex()),
                topic.id(),
                partition.committedOffset(),
                partition.committedLeaderEpoch(),
                Objects.requireNonNullElse(partition.committedMetadata(), ""));
    }

    private Future<List<Errors>> commit(
            RequestContext context, OffsetCommitRequestData request, List<OffsetRequest.Offset> offsets) {
        return groups.ask(new OffsetRequest.Commit(
                        request.groupId(),
                        request.memberId(),
                        request.groupInstanceId(),
                        request.generationIdOrMemberEpoch(),
                        context.apiVersion(),
                        request.retentionTimeMs(),
                        Batch.NO_PRODUCER_ID,
                        Batch.NO_PRODUCER_EPOCH,
                        offsets))
                .map(reply -> reply.map(
                        Committed.class,
                        Committed::errors,
                        error -> java.util.Collections.nCopies(offsets.size(), error)));
    }
}
