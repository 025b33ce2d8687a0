// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.bus.Bus;
import io.tailrace.broker.bus.ShardSplit;
import io.tailrace.cluster.bus.EpochEnd;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.TopicImage;
import io.vertx.core.Future;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.ResourceType;

/**
 * OffsetForLeaderEpoch, key 23, versions 2 to 4: the largest epoch the leader knows that is not above the one asked for, and where it ends
 * (KIP-101, KIP-279). Consumers ask it to notice that the log was truncated under them (KIP-320); -1 and -1 mean that nothing is known.
 */
public final class OffsetForLeaderEpochApi implements KafkaApi<OffsetForLeaderEpochRequestData> {

    private final Bus bus;
    private final MetadataView metadata;
    private final Authorizer authorizer;

    public OffsetForLeaderEpochApi(Bus bus, MetadataView metadata, Authorizer authorizer) {
        this.bus = bus;
        this.metadata = metadata;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.OFFSET_FOR_LEADER_EPOCH;
    }

    @Override
    public Future<? extends ApiMessage> handle(RequestContext context, OffsetForLeaderEpochRequestData request) {
        OffsetForLeaderEpochResponseData response = new OffsetForLeaderEpochResponseData();
        ShardSplit<EpochEnd.Part, EpochEndOffset> split = new ShardSplit<>(bus);
        for (OffsetForLeaderTopic topic : request.topics()) {
            OffsetForLeaderTopicResult result = new OffsetForLeaderTopicResult().setTopic(topic.topic());
            response.topics().add(result);
            TopicImage known = metadata.image().topics().get(topic.topic());
            boolean allowed = authorizer.allows(context, AclOperation.DESCRIBE, ResourceType.TOPIC, topic.topic());
            for (OffsetForLeaderPartition partition : topic.partitions()) {
                EpochEndOffset answer = new EpochEndOffset().setPartition(partition.partition());
                result.partitions().add(answer);
                if (!allowed) {
                    refuse(answer, Errors.TOPIC_AUTHORIZATION_FAILED);
                } else if (known == null) {
                    refuse(answer, Errors.UNKNOWN_TOPIC_OR_PARTITION);
                } else {
                    PartitionKey key = PartitionKey.of(known, partition.partition());
                    split.add(
                            key,
                            new EpochEnd.Part(key, partition.currentLeaderEpoch(), partition.leaderEpoch()),
                            answer);
                }
            }
        }
        return split.ask(
                        EpochEnd::new,
                        EpochEnd.Reply::results,
                        (answer, found) -> answer.setErrorCode(found.error().code())
                                .setLeaderEpoch(found.epoch())
                                .setEndOffset(found.endOffset()),
                        OffsetForLeaderEpochApi::refuse)
                .map(response);
    }

    private static void refuse(EpochEndOffset answer, Errors error) {
        answer.setErrorCode(error.code()).setLeaderEpoch(-1).setEndOffset(-1);
    }
}
