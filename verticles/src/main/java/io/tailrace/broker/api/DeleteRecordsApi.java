// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.bus.Bus;
import io.tailrace.broker.bus.ShardSplit;
import io.tailrace.cluster.bus.DeleteRecords;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.TopicImage;
import io.vertx.core.Future;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.ResourceType;

/**
 * DeleteRecords, key 21, versions 0 to 2 (KIP-107): raises the start of a partition, at most to the high watermark; -1 means up to it. The
 * answer comes when all replicas that live have deleted it, and has the lowest start of their logs; or REQUEST_TIMED_OUT when the request's time is
 * over, with the records gone from the leader. Internal topics are left alone (INVALID_TOPIC_EXCEPTION). A topic that is only compacted keeps its records
 * (POLICY_VIOLATION).
 */
public final class DeleteRecordsApi implements KafkaApi<DeleteRecordsRequestData> {

    private final Bus bus;
    private final MetadataView metadata;
    private final Authorizer authorizer;

    public DeleteRecordsApi(Bus bus, MetadataView metadata, Authorizer authorizer) {
        this.bus = bus;
        this.metadata = metadata;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.DELETE_RECORDS;
    }

    @Override
    public Future<? extends ApiMessage> handle(RequestContext context, DeleteRecordsRequestData request) {
        DeleteRecordsResponseData response = new DeleteRecordsResponseData();
        ShardSplit<DeleteRecords.Part, DeleteRecordsPartitionResult> split = new ShardSplit<>(bus);
        for (DeleteRecordsTopic topic : request.topics()) {
            DeleteRecordsTopicResult result = new DeleteRecordsTopicResult().setName(topic.name());
            response.topics().add(result);
            TopicImage known = metadata.image().topics().get(topic.name());
            Errors error = topicError(context, topic.name(), known != null);
            for (DeleteRecordsPartition partition : topic.partitions()) {
                DeleteRecordsPartitionResult answer =
                        new DeleteRecordsPartitionResult().setPartitionIndex(partition.partitionIndex());
                result.partitions().add(answer);
                if (known == null || error != Errors.NONE) {
                    refuse(answer, error);
                } else {
                    PartitionKey key = PartitionKey.of(known, partition.partitionIndex());
                    split.add(key, new DeleteRecords.Part(key, partition.offset()), answer);
                }
            }
        }
        long deadlineMs = context.receivedMs() + Math.max(0, request.timeoutMs());
        return split.ask(
                        parts -> new DeleteRecords(deadlineMs, parts),
                        DeleteRecords.Reply::results,
                        (answer, found) ->
                                answer.setErrorCode(found.error().code()).setLowWatermark(found.lowWatermark()),
                        DeleteRecordsApi::refuse)
                .map(response);
    }

    private Errors topicError(RequestContext context, String topic, boolean known) {
        if (!authorizer.allows(context, AclOperation.DELETE, ResourceType.TOPIC, topic)) {
            return Errors.TOPIC_AUTHORIZATION_FAILED;
        }
        if (!known) {
            return Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        return Topic.isInternal(topic) ? Errors.INVALID_TOPIC_EXCEPTION : Errors.NONE;
    }

    private static void refuse(DeleteRecordsPartitionResult answer, Errors error) {
        answer.setErrorCode(error.code()).setLowWatermark(-1);
    }
}
