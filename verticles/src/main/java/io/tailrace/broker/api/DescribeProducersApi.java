// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.bus.Bus;
import io.tailrace.broker.bus.ShardSplit;
import io.tailrace.cluster.bus.DescribeProducers;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.TopicImage;
import io.vertx.core.Future;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeProducersResponseData;
import org.apache.kafka.common.message.DescribeProducersResponseData.PartitionResponse;
import org.apache.kafka.common.message.DescribeProducersResponseData.ProducerState;
import org.apache.kafka.common.message.DescribeProducersResponseData.TopicResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.ResourceType;

/** DescribeProducers, key 61, version 0 (KIP-664): the idempotent and transactional producers that the leader of a partition remembers. */
public final class DescribeProducersApi implements KafkaApi<DescribeProducersRequestData> {

    private final Bus bus;
    private final MetadataView metadata;
    private final Authorizer authorizer;

    public DescribeProducersApi(Bus bus, MetadataView metadata, Authorizer authorizer) {
        this.bus = bus;
        this.metadata = metadata;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.DESCRIBE_PRODUCERS;
    }

    @Override
    public Future<? extends ApiMessage> handle(RequestContext context, DescribeProducersRequestData request) {
        DescribeProducersResponseData response = new DescribeProducersResponseData();
        ShardSplit<PartitionKey, PartitionResponse> split = new ShardSplit<>(bus);
        for (TopicRequest topic : request.topics()) {
            TopicResponse result = new TopicResponse().setName(topic.name());
            response.topics().add(result);
            TopicImage known = metadata.image().topics().get(topic.name());
            boolean allowed = authorizer.allows(context, AclOperation.READ, ResourceType.TOPIC, topic.name());
            for (int index : topic.partitionIndexes()) {
                PartitionResponse answer = new PartitionResponse().setPartitionIndex(index);
                result.partitions().add(answer);
                if (!allowed) {
                    refuse(answer, Errors.TOPIC_AUTHORIZATION_FAILED);
                } else if (known == null) {
                    refuse(answer, Errors.UNKNOWN_TOPIC_OR_PARTITION);
                } else {
                    PartitionKey key = PartitionKey.of(known, index);
                    split.add(key, key, answer);
                }
            }
        }
        return split.ask(
                        DescribeProducers::new,
                        DescribeProducers.Reply::results,
                        DescribeProducersApi::fill,
                        DescribeProducersApi::refuse)
                .map(response);
    }

    private static void fill(PartitionResponse answer, DescribeProducers.Result found) {
        answer.setErrorCode(found.error().code());
        for (DescribeProducers.Producer producer : found.producers()) {
            answer.activeProducers()
                    .add(new ProducerState()
                            .setProducerId(producer.producerId())
                            .setProducerEpoch(producer.producerEpoch())
                            .setLastSequence(producer.lastSequence())
                            .setLastTimestamp(producer.lastTimestampMs())
                            .setCoordinatorEpoch(producer.coordinatorEpoch())
                            .setCurrentTxnStartOffset(producer.transactionStartOffset()));
        }
    }

    private static void refuse(PartitionResponse answer, Errors error) {
        answer.setErrorCode(error.code()).setErrorMessage(error.message());
    }
}
