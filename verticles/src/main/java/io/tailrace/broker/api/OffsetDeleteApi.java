// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.group.GroupCoordinators;
import io.tailrace.cluster.group.OffsetRequest;
import io.tailrace.cluster.group.OffsetRequest.Deleted;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.MetadataView;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponsePartition;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.ResourceType;

/**
 * OffsetDelete, key 47, version 0 (KIP-496).
 *
 * <p>Refused for topics that a member of the group subscribes to (GROUP_SUBSCRIBED_TO_TOPIC), and for a group with members that does not
 * speak the consumer protocol (NON_EMPTY_GROUP).
 */
public final class OffsetDeleteApi implements KafkaApi<OffsetDeleteRequestData> {

    private final GroupCoordinators groups;
    private final MetadataView metadata;
    private final Authorizer authorizer;

    public OffsetDeleteApi(GroupCoordinators groups, MetadataView metadata, Authorizer authorizer) {
        this.groups = groups;
        this.metadata = metadata;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.OFFSET_DELETE;
    }

    @Override
    public Future<? extends ApiMessage> handle(RequestContext context, OffsetDeleteRequestData request) {
        Errors refusal = !authorizer.allows(context, AclOperation.DELETE, ResourceType.GROUP, request.groupId())
                ? Errors.GROUP_AUTHORIZATION_FAILED
                : request.groupId().isEmpty() ? Errors.INVALID_GROUP_ID : Errors.NONE;
        if (refusal != Errors.NONE) {
            return Future.succeededFuture(refused(refusal));
        }
        ClusterImage image = metadata.image();
        OffsetDeleteResponseData response = new OffsetDeleteResponseData();
        List<TopicPartition> wanted = new ArrayList<>();
        List<OffsetDeleteResponsePartition> waiting = new ArrayList<>();
        for (OffsetDeleteRequestTopic topic : request.topics()) {
            boolean allowed = authorizer.allows(context, AclOperation.READ, ResourceType.TOPIC, topic.name());
            OffsetDeleteResponseTopic answered = new OffsetDeleteResponseTopic().setName(topic.name());
            response.topics().add(answered);
            topic.partitions().forEach(partition -> {
                int index = partition.partitionIndex();
                Errors own = !allowed
                        ? Errors.TOPIC_AUTHORIZATION_FAILED
                        : image.partition(topic.name(), index).isPresent()
                                ? Errors.NONE
                                : Errors.UNKNOWN_TOPIC_OR_PARTITION;
                OffsetDeleteResponsePartition answer = new OffsetDeleteResponsePartition()
                        .setPartitionIndex(index)
                        .setErrorCode(own.code());
                answered.partitions().add(answer);
                if (own == Errors.NONE) {
                    wanted.add(new TopicPartition(topic.name(), index));
                    waiting.add(answer);
                }
            });
        }
        return groups.ask(new OffsetRequest.Delete(request.groupId(), wanted))
                .map(reply -> reply.map(
                        Deleted.class, deleted -> fill(response, waiting, deleted), OffsetDeleteApi::refused));
    }

    private static OffsetDeleteResponseData fill(
            OffsetDeleteResponseData response, List<OffsetDeleteResponsePartition> waiting, Deleted deleted) {
        if (deleted.error() != Errors.NONE) {
            return refused(deleted.error());
        }
        for (int i = 0; i < waiting.size(); i++) {
            waiting.get(i).setErrorCode(deleted.errors().get(i).code());
        }
        return response;
    }

    private static OffsetDeleteResponseData refused(Errors error) {
        return new OffsetDeleteResponseData().setErrorCode(error.code());
    }
}
