// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.bus.Bus;
import io.tailrace.broker.bus.ShardSplit;
import io.tailrace.cluster.bus.Isolation;
import io.tailrace.cluster.bus.ListOffsets;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.TopicImage;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsTopicResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.ResourceType;

/**
 * ListOffsets, key 2, versions 1 to 11.
 *
 * <p>By timestamp: the first record at or after it, in offset order. Special timestamps: -1 the end (the last stable offset for committed
 * readers), -2 the start, -3 the record with the greatest timestamp (from 7, KIP-734), -4 the start of what is local, the same as -2 here
 * (from 8, KIP-405), -5 the end of what is tiered (from 9) and -6 the start of what is still to be tiered (from 11): nothing is tiered, both
 * answer with -1. A special timestamp that the version does not know is UNSUPPORTED_VERSION. A partition named twice is INVALID_REQUEST.
 * Leader epochs are checked from 4 on (KIP-320). A new leader that does not know yet how far its predecessor has told answers anything but the
 * start with OFFSET_NOT_AVAILABLE (from 5, KIP-207; LEADER_NOT_AVAILABLE before). The timeout of version 10 is not needed: nothing waits for a remote store.
 */
public final class ListOffsetsApi implements KafkaApi<ListOffsetsRequestData> {

    private static final byte READ_COMMITTED = 1;
    private static final int FIRST_WITH_LEADER_EPOCH = 4;
    private static final int FIRST_WITH_OFFSET_NOT_AVAILABLE = 5;

    private final Bus bus;
    private final MetadataView metadata;
    private final Authorizer authorizer;

    public ListOffsetsApi(Bus bus, MetadataView metadata, Authorizer authorizer) {
        this.bus = bus;
        this.metadata = metadata;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.LIST_OFFSETS;
    }

    @Override
    public Future<? extends ApiMessage> handle(RequestContext context, ListOffsetsRequestData request) {
        ClusterImage image = metadata.image();
        ListOffsetsResponseData response = new ListOffsetsResponseData();
        ShardSplit<ListOffsets.Part, ListOffsetsPartitionResponse> split = new ShardSplit<>(bus);
        for (ListOffsetsTopic topic : request.topics()) {
            TopicImage known = image.topics().get(topic.name());
            Errors error = topicError(context, topic.name(), known != null);
            Set<Integer> seen = new HashSet<>();
            List<ListOffsetsPartitionResponse> answers = new ArrayList<>();
            for (ListOffsetsPartition partition : topic.partitions()) {
                ListOffsetsPartitionResponse answer =
                        new ListOffsetsPartitionResponse().setPartitionIndex(partition.partitionIndex());
                answers.add(answer);
                Errors own = !seen.add(partition.partitionIndex())
                        ? Errors.INVALID_REQUEST
                        : error != Errors.NONE ? error : timestampError(context.apiVersion(), partition.timestamp());
                if (known == null || own != Errors.NONE) {
                    refuse(answer, own);
                } else {
                    PartitionKey key = PartitionKey.of(known, partition.partitionIndex());
                    split.add(
                            key,
                            new ListOffsets.Part(key, partition.currentLeaderEpoch(), partition.timestamp()),
                            answer);
                }
            }
            response.topics()
                    .add(new ListOffsetsTopicResponse().setName(topic.name()).setPartitions(answers));
        }
        Isolation isolation =
                request.isolationLevel() == READ_COMMITTED ? Isolation.READ_COMMITTED : Isolation.READ_UNCOMMITTED;
        return split.ask(
                        parts -> new ListOffsets(isolation, parts),
                        ListOffsets.Reply::results,
                        (answer, result) -> answer.setErrorCode(told(result.error(), context.apiVersion())
                                        .code())
                                .setTimestamp(result.timestamp())
                                .setOffset(result.offset())
                                .setLeaderEpoch(
                                        context.apiVersion() >= FIRST_WITH_LEADER_EPOCH ? result.leaderEpoch() : -1),
                        ListOffsetsApi::refuse)
                .map(response);
    }

    private Errors topicError(RequestContext context, String topic, boolean known) {
        if (!authorizer.allows(context, AclOperation.DESCRIBE, ResourceType.TOPIC, topic)) {
            return Errors.TOPIC_AUTHORIZATION_FAILED;
        }
        return known ? Errors.NONE : Errors.UNKNOWN_TOPIC_OR_PARTITION;
    }

    private static Errors timestampError(short version, long timestamp) {
        int firstVersion = timestamp >= -2 ? 1 : timestamp == -3 ? 7 : timestamp == -4 ? 8 : timestamp == -5 ? 9 : 11;
        return timestamp < -6 || version < firstVersion ? Errors.UNSUPPORTED_VERSION : Errors.NONE;
    }

    private static void refuse(ListOffsetsPartitionResponse answer, Errors error) {
        answer.setErrorCode(named(error).code()).setTimestamp(-1).setOffset(-1).setLeaderEpoch(-1);
    }

    /** Clients older than OFFSET_NOT_AVAILABLE (KIP-207) know another retriable error. */
    private static Errors told(Errors error, short version) {
        return error == Errors.OFFSET_NOT_AVAILABLE && version < FIRST_WITH_OFFSET_NOT_AVAILABLE
                ? Errors.LEADER_NOT_AVAILABLE
                : named(error);
    }

    /** This API knows topics by name only. */
    private static Errors named(Errors error) {
        return error == Errors.UNKNOWN_TOPIC_ID ? Errors.UNKNOWN_TOPIC_OR_PARTITION : error;
    }
}
