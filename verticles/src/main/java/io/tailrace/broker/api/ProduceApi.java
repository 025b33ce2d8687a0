// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.bus.Bus;
import io.tailrace.broker.bus.BusException;
import io.tailrace.cluster.bus.Append;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.TopicImage;
import io.vertx.core.Future;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.BatchIndexAndErrorMessage;
import org.apache.kafka.common.message.ProduceResponseData.LeaderIdAndEpoch;
import org.apache.kafka.common.message.ProduceResponseData.NodeEndpoint;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.resource.ResourceType;
import org.jspecify.annotations.Nullable;

/**
 * Produce, key 0, versions 3 to 13; versions 0 to 2 are advertised for old librdkafka and refused (KAFKA-18659).
 *
 * <p>Each partition succeeds or fails alone. Versions up to 12 name topics, 13 has topic ids (KIP-516). From 8 on the records at fault are
 * told (KIP-467), from 10 on the current leader (KIP-951). acks=0 gets no response, whatever happened; other values than 0, 1 and -1 are
 * INVALID_REQUIRED_ACKS. zstd needs version 7 (KIP-110). Internal topics are written by coordinators only.
 *
 * <p>The bytes of the batches are neither copied nor decompressed here; the partition log checks them.
 *
 * <p>A request with a transactional id is refused with INVALID_TXN_STATE while this node coordinates no transactions: nobody can have begun
 * one. A transactional batch without an id is refused as not authorised, as Kafka does.
 */
public final class ProduceApi implements KafkaApi<ProduceRequestData> {

    private static final Set<String> WRITTEN_BY_COORDINATORS = Set.of(
            Topic.GROUP_METADATA_TOPIC_NAME, Topic.TRANSACTION_STATE_TOPIC_NAME, Topic.SHARE_GROUP_STATE_TOPIC_NAME);

    private static final int FIRST_WITH_ZSTD = 7;
    private static final int FIRST_WITH_CURRENT_LEADER = 10;
    private static final int FIRST_WITH_TOPIC_IDS = 13;

    private final Bus bus;
    private final MetadataView metadata;
    private final Authorizer authorizer;

    public ProduceApi(Bus bus, MetadataView metadata, Authorizer authorizer) {
        this.bus = bus;
        this.metadata = metadata;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.PRODUCE;
    }

    @Override
    public Future<? extends ApiMessage> handle(RequestContext context, ProduceRequestData request) {
        Split split = new Split(bus.shardCount(), context.apiVersion() >= FIRST_WITH_TOPIC_IDS);
        ProduceResponseData response = split(context, request, split);
        boolean silent = request.acks() == 0;
        long deadlineMs = context.receivedMs() + Math.max(0, request.timeoutMs());
        return split.send(bus, request.acks(), deadlineMs).map(sent -> {
            if (silent) {
                return Responses.none();
            }
            if (context.apiVersion() >= FIRST_WITH_CURRENT_LEADER && split.failed) {
                nameLeaders(context, response);
            }
            return response;
        });
    }

    /** Builds the response with an entry for each partition, in order, and gives those that pass to their shard. */
    private ProduceResponseData split(RequestContext context, ProduceRequestData request, Split split) {
        ClusterImage image = metadata.image();
        Errors refused = requestError(context, request);
        ProduceResponseData response = new ProduceResponseData();
        for (TopicProduceData topic : request.topicData()) {
            TopicImage known = context.apiVersion() >= FIRST_WITH_TOPIC_IDS
                    ? image.topic(topic.topicId()).orElse(null)
                    : image.topics().get(topic.name());
            Errors error = refused == Errors.NONE ? topicError(context, topic, known) : refused;
            List<PartitionProduceResponse> partitions =
                    new ArrayList<>(topic.partitionData().size());
            for (PartitionProduceData partition : topic.partitionData()) {
                PartitionProduceResponse answer = new PartitionProduceResponse().setIndex(partition.index());
                partitions.add(answer);
                check(context, known, error, partition, answer, split);
            }
            response.responses()
                    .add(new TopicProduceResponse()
                            .setName(known == null ? topic.name() : known.name())
                            .setTopicId(known == null ? topic.topicId() : known.id())
                            .setPartitionResponses(partitions));
        }
        return response;
    }

    private void check(
            RequestContext context,
            @Nullable TopicImage topic,
            Errors topicError,
            PartitionProduceData partition,
            PartitionProduceResponse answer,
            Split split) {
        if (topic == null || topicError != Errors.NONE) {
            split.refuse(answer, topicError);
        } else if (partition.index() < 0
                || partition.index() >= topic.partitions().size()) {
            split.refuse(answer, Errors.UNKNOWN_TOPIC_OR_PARTITION);
        } else if (!(partition.records() instanceof MemoryRecords records) || records.sizeInBytes() == 0) {
            split.refuse(answer, Errors.INVALID_RECORD);
        } else {
            ByteBuffer batches = records.buffer();
            Errors error = batchError(context.apiVersion(), batches);
            if (error == Errors.NONE) {
                split.add(PartitionKey.of(topic, partition.index()), batches, answer);
            } else {
                split.refuse(answer, error);
            }
        }
    }

    /** What is wrong with all of the request. */
    private Errors requestError(RequestContext context, ProduceRequestData request) {
        if (request.transactionalId() != null) {
            return authorizer.allows(
                            context, AclOperation.WRITE, ResourceType.TRANSACTIONAL_ID, request.transactionalId())
                    ? Errors.INVALID_TXN_STATE
                    : Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
        }
        return request.acks() < -1 || request.acks() > 1 ? Errors.INVALID_REQUIRED_ACKS : Errors.NONE;
    }

    private Errors topicError(RequestContext context, TopicProduceData topic, @Nullable TopicImage known) {
        boolean byId = context.apiVersion() >= FIRST_WITH_TOPIC_IDS;
        if (known == null && byId) {
            return topic.topicId().equals(Uuid.ZERO_UUID) ? Errors.UNKNOWN_TOPIC_OR_PARTITION : Errors.UNKNOWN_TOPIC_ID;
        }
        String name = known == null ? topic.name() : known.name();
        if (!authorizer.allows(context, AclOperation.WRITE, ResourceType.TOPIC, name)) {
            return Errors.TOPIC_AUTHORIZATION_FAILED;
        }
        if (known == null) {
            return Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        return WRITTEN_BY_COORDINATORS.contains(name) ? Errors.INVALID_TOPIC_EXCEPTION : Errors.NONE;
    }

    /** What can be seen from outside: a producer sends one batch for a partition, and no zstd to those who may not know it. */
    private static Errors batchError(short version, ByteBuffer batches) {
        int codec = FirstBatch.codec(batches);
        if (FirstBatch.isFollowed(batches)) {
            return Errors.INVALID_RECORD;
        }
        if (FirstBatch.isTransactional(batches)) {
            return Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED; // it would open a transaction that nobody could end
        }
        return version < FIRST_WITH_ZSTD && codec == FirstBatch.ZSTD
                ? Errors.UNSUPPORTED_COMPRESSION_TYPE
                : Errors.NONE;
    }

    private void nameLeaders(RequestContext context, ProduceResponseData response) {
        CurrentLeaders leaders = new CurrentLeaders(metadata.image(), context);
        for (TopicProduceResponse topic : response.responses()) {
            for (PartitionProduceResponse partition : topic.partitionResponses()) {
                if (partition.errorCode() == Errors.NOT_LEADER_OR_FOLLOWER.code()) {
                    leaders.of(topic.name(), partition.index())
                            .ifPresent(at -> partition.setCurrentLeader(new LeaderIdAndEpoch()
                                    .setLeaderId(at.leader())
                                    .setLeaderEpoch(at.leaderEpoch())));
                }
            }
        }
        leaders.forEachEndpoint(node -> response.nodeEndpoints()
                .add(new NodeEndpoint()
                        .setNodeId(node.nodeId())
                        .setHost(node.host())
                        .setPort(node.port())
                        .setRack(node.rack().orElse(null))));
    }

    /** The parts of one request by shard, each with the answer that its result goes into. */
    private static final class Split {
        private final @Nullable Shard[] shards;
        private final boolean byTopicId;
        private boolean failed;

        Split(int shardCount, boolean byTopicId) {
            this.shards = new Shard[shardCount];
            this.byTopicId = byTopicId;
        }

        void refuse(PartitionProduceResponse answer, Errors error) {
            failed = true;
            answer.setErrorCode(error.code()).setBaseOffset(-1);
        }

        void add(PartitionKey partition, ByteBuffer batches, PartitionProduceResponse answer) {
            int index = partition.shard(shards.length);
            Shard shard = shards[index];
            if (shard == null) {
                shard = new Shard(new ArrayList<>(), new ArrayList<>());
                shards[index] = shard;
            }
            shard.parts.add(new Append.Part(partition, -1, batches));
            shard.answers.add(answer);
        }

        /** Done when every shard has answered; the answers are filled in then. */
        Future<?> send(Bus bus, short acks, long deadlineMs) {
            List<Future<?>> sent = new ArrayList<>(1);
            for (int index = 0; index < shards.length; index++) {
                Shard shard = shards[index];
                if (shard != null) {
                    Append append = new Append(Append.Origin.CLIENT, acks, deadlineMs, shard.parts);
                    sent.add(bus.ask(index, append)
                            .map(reply -> fill(shard, reply))
                            .otherwise(lost -> fill(shard, BusException.errorOf(lost))));
                }
            }
            return switch (sent.size()) {
                case 0 -> Future.succeededFuture();
                case 1 -> sent.get(0);
                default -> Future.all(sent);
            };
        }

        private boolean fill(Shard shard, Append.Reply reply) {
            for (int i = 0; i < shard.answers.size(); i++) {
                Append.Result result = reply.results().get(i);
                failed |= result.error() != Errors.NONE;
                PartitionProduceResponse answer = shard.answers
                        .get(i)
                        .setErrorCode(told(result.error()).code())
                        .setBaseOffset(result.baseOffset())
                        .setLogAppendTimeMs(result.logAppendTimeMs())
                        .setLogStartOffset(result.logStartOffset())
                        .setErrorMessage(result.message());
                for (Append.RecordError record : result.recordErrors()) {
                    answer.recordErrors()
                            .add(new BatchIndexAndErrorMessage()
                                    .setBatchIndex(record.index())
                                    .setBatchIndexErrorMessage(record.message()));
                }
            }
            return true;
        }

        /** A topic that was deleted on the way is unknown under the name that the request gave it. */
        private Errors told(Errors error) {
            return error == Errors.UNKNOWN_TOPIC_ID && !byTopicId ? Errors.UNKNOWN_TOPIC_OR_PARTITION : error;
        }

        private boolean fill(Shard shard, Errors error) {
            shard.answers.forEach(answer -> refuse(answer, error));
            return false;
        }

        private record Shard(List<Append.Part> parts, List<PartitionProduceResponse> answers) {}
    }
}
