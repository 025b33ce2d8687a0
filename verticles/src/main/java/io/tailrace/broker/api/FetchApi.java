// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.api.fetch.FetchExchange;
import io.tailrace.broker.api.fetch.FetchPlan;
import io.tailrace.broker.api.fetch.FetchPosition;
import io.tailrace.broker.api.fetch.FetchSessions;
import io.tailrace.broker.api.fetch.FetchTarget;
import io.tailrace.broker.api.fetch.LogRecords;
import io.tailrace.broker.api.fetch.ReadReplicas;
import io.tailrace.broker.bus.Bus;
import io.tailrace.cluster.bus.Isolation;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.bus.Read;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.TopicImage;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.AbortedTransaction;
import org.apache.kafka.common.message.FetchResponseData.EpochEndOffset;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.LeaderIdAndEpoch;
import org.apache.kafka.common.message.FetchResponseData.NodeEndpoint;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.resource.ResourceType;
import org.jspecify.annotations.Nullable;

/**
 * Fetch, key 1, versions 4 to 18.
 *
 * <p>Long poll: the answer comes when {@code minBytes} are there over all partitions, an error has to be told, or {@code maxWaitMs} is over.
 * The first batch comes whole even if it is larger than asked for (KIP-74); a batch that merely contains the offset is sent from its
 * beginning. Sessions from 7 on (KIP-227), leader epochs from 9 (KIP-320), divergence from 12 (KIP-595), topic ids from 13 (KIP-516), the
 * current leader's address from 16 (KIP-951). Committed readers get the aborted transactions, sorted by first offset; others none.
 *
 * <p>Topics stored with zstd are refused below version 10 (KIP-110). Followers do not fetch here: who claims to be one is not authorised.
 *
 * <p>From 11 on (KIP-392) a consumer that names its rack is sent to an in-sync replica there, if the operator chose so, at once and without
 * records; a replica that follows answers it with what it knows to be committed. A node that is asked for more than it has lets the reader wait.
 */
public final class FetchApi implements KafkaApi<FetchRequestData> {

    private static final int FIRST_WITH_ZSTD = 10;
    private static final int FIRST_WITH_CURRENT_LEADER = 12;
    private static final int FIRST_WITH_RACKS = 11;
    private static final int FIRST_WITH_TOPIC_IDS = 13;
    private static final int FIRST_WITH_ENDPOINTS = 16;
    private static final byte READ_COMMITTED = 1;

    /** A partition of a session in a fetch: its place in the read of its shard, the result, the answer. */
    private static final long PARTITION_BYTES = 250;

    private final Bus bus;
    private final MetadataView metadata;
    private final Authorizer authorizer;
    private final FetchSessions sessions;
    private final int maxBytes;
    private final OptionalInt sendingNode;

    /**
     * @param maxBytes most bytes of one answer ({@code fetch.max.bytes})
     * @param sendingNode this node, if it sends consumers to replicas in their rack
     */
    public FetchApi(
            Bus bus,
            MetadataView metadata,
            Authorizer authorizer,
            FetchSessions sessions,
            int maxBytes,
            OptionalInt sendingNode) {
        this.sendingNode = sendingNode;
        this.bus = bus;
        this.metadata = metadata;
        this.authorizer = authorizer;
        this.sessions = sessions;
        this.maxBytes = maxBytes;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.FETCH;
    }

    /** A session's partitions are not in the request; those of the request are paid for with it. */
    @Override
    public long answerBytes(RequestContext context, FetchRequestData request) {
        return PARTITION_BYTES * sessions.sizeOf(request.sessionId());
    }

    @Override
    public Future<? extends ApiMessage> handle(RequestContext context, FetchRequestData request) {
        boolean byTopicId = context.apiVersion() >= FIRST_WITH_TOPIC_IDS;
        FetchPlan plan = sessions.begin(request, byTopicId, context.receivedMs());
        FetchResponseData response =
                new FetchResponseData().setErrorCode(plan.error().code()).setSessionId(plan.sessionId());
        if (plan.error() != Errors.NONE || plan.positions().isEmpty()) {
            return Future.succeededFuture(response);
        }
        ClusterImage image = metadata.image();
        FetchExchange exchange = new FetchExchange(
                bus,
                request.isolationLevel() == READ_COMMITTED ? Isolation.READ_COMMITTED : Isolation.READ_UNCOMMITTED,
                context.receivedMs() + Math.max(0, request.maxWaitMs()),
                Math.min(request.maxBytes(), maxBytes),
                plan.positions().size());
        ask(context, request, plan, image, exchange);
        Elsewhere elsewhere = context.apiVersion() >= FIRST_WITH_RACKS ? elsewhere(request, plan, image) : NOWHERE;
        if (context.apiVersion() >= FIRST_WITH_RACKS) {
            exchange.acceptAnyReplica();
        }
        int minBytes = elsewhere.any() ? 0 : request.minBytes();
        Future<Read.Result[]> results = exchange.run(Math.min(minBytes, Math.min(request.maxBytes(), maxBytes)));
        context.patience().onEnd(exchange::endWaiting);
        return results.map(found -> fill(context, response, plan, image, elsewhere.apply(found), elsewhere));
    }

    private void ask(
            RequestContext context,
            FetchRequestData request,
            FetchPlan plan,
            ClusterImage image,
            FetchExchange exchange) {
        boolean follower = request.replicaId() >= 0 || request.replicaState().replicaId() >= 0;
        List<FetchPosition> positions = plan.positions();
        FetchTarget previous = null;
        TopicImage topic = null;
        Errors topicError = Errors.NONE;
        for (int i = 0; i < positions.size(); i++) {
            FetchTarget target = positions.get(i).target();
            if (previous == null || !target.isSameTopic(previous)) {
                previous = target;
                topic = topic(image, target);
                topicError = follower ? Errors.TOPIC_AUTHORIZATION_FAILED : topicError(context, target, topic);
            }
            if (topic == null || topicError != Errors.NONE) {
                exchange.refuse(i, topicError);
            } else if (target.partition() < 0
                    || target.partition() >= topic.partitions().size()) {
                exchange.refuse(i, Errors.UNKNOWN_TOPIC_OR_PARTITION);
            } else {
                exchange.ask(i, positions.get(i).part(PartitionKey.of(topic, target.partition())));
            }
        }
    }

    /** By position of the plan: the replica that the reader is sent to, or -1. */
    private record Elsewhere(int[] replicas, boolean any) {

        int replica(int position) {
            return replicas.length == 0 ? -1 : replicas[position];
        }

        /** Who is sent away gets no records here, unless the position is wrong anyway. */
        Read.Result[] apply(Read.Result[] found) {
            for (int i = 0; i < replicas.length; i++) {
                Read.Result result = found[i];
                if (replicas[i] >= 0 && (result.error() != Errors.NONE || result.diverging() != null)) {
                    replicas[i] = -1;
                } else if (replicas[i] >= 0) {
                    result.records().release();
                    found[i] = Read.Result.nothing(
                            result.highWatermark(),
                            result.lastStableOffset(),
                            result.logStartOffset(),
                            result.aborted() != null);
                }
            }
            return found;
        }
    }

    private static final Elsewhere NOWHERE = new Elsewhere(new int[0], false);

    private Elsewhere elsewhere(FetchRequestData request, FetchPlan plan, ClusterImage image) {
        if (sendingNode.isEmpty() || request.rackId().isEmpty()) {
            return NOWHERE;
        }
        boolean any = false;
        int[] replicas = new int[plan.positions().size()];
        for (int i = 0; i < replicas.length; i++) {
            FetchTarget target = plan.positions().get(i).target();
            TopicImage topic = topic(image, target);
            replicas[i] = topic == null
                            || target.partition() < 0
                            || target.partition() >= topic.partitions().size()
                    ? -1
                    : ReadReplicas.preferred(
                                    image,
                                    topic.partitions().get(target.partition()),
                                    sendingNode.getAsInt(),
                                    request.rackId())
                            .orElse(-1);
            any |= replicas[i] >= 0;
        }
        return any ? new Elsewhere(replicas, true) : NOWHERE;
    }

    private static @Nullable TopicImage topic(ClusterImage image, FetchTarget target) {
        return target.topic().isEmpty()
                ? image.topic(target.topicId()).orElse(null)
                : image.topics().get(target.topic());
    }

    private Errors topicError(RequestContext context, FetchTarget target, @Nullable TopicImage topic) {
        if (topic == null && target.topic().isEmpty()) {
            return Errors.UNKNOWN_TOPIC_ID;
        }
        String name = topic == null ? target.topic() : topic.name();
        if (!authorizer.allows(context, AclOperation.READ, ResourceType.TOPIC, name)) {
            return Errors.TOPIC_AUTHORIZATION_FAILED;
        }
        if (topic == null) {
            return Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        return context.apiVersion() < FIRST_WITH_ZSTD
                        && "zstd".equals(topic.configs().get("compression.type"))
                ? Errors.UNSUPPORTED_COMPRESSION_TYPE
                : Errors.NONE;
    }

    private FetchResponseData fill(
            RequestContext context,
            FetchResponseData response,
            FetchPlan plan,
            ClusterImage image,
            Read.Result[] results,
            Elsewhere elsewhere) {
        boolean[] told = plan.told(results);
        CurrentLeaders leaders = new CurrentLeaders(image, context);
        FetchTarget previous = null;
        List<PartitionData> partitions = List.of();
        for (int i = 0; i < results.length; i++) {
            if (told[i] || elsewhere.replica(i) >= 0) {
                FetchTarget target = plan.positions().get(i).target();
                if (previous == null || !target.isSameTopic(previous)) {
                    previous = target;
                    partitions = new ArrayList<>();
                    response.responses()
                            .add(new FetchableTopicResponse()
                                    .setTopic(target.topic())
                                    .setTopicId(target.topicId())
                                    .setPartitions(partitions));
                }
                PartitionData answer = answer(context, image, target, results[i], leaders);
                answer.setPreferredReadReplica(elsewhere.replica(i));
                partitions.add(answer);
            }
        }
        if (context.apiVersion() >= FIRST_WITH_ENDPOINTS) {
            leaders.forEachEndpoint(node -> response.nodeEndpoints()
                    .add(new NodeEndpoint()
                            .setNodeId(node.nodeId())
                            .setHost(node.host())
                            .setPort(node.port())
                            .setRack(node.rack().orElse(null))));
        }
        return response;
    }

    private PartitionData answer(
            RequestContext context,
            ClusterImage image,
            FetchTarget target,
            Read.Result result,
            CurrentLeaders leaders) {
        Errors error =
                result.error() == Errors.UNKNOWN_TOPIC_ID && target.topic().length() > 0
                        ? Errors.UNKNOWN_TOPIC_OR_PARTITION
                        : result.error();
        PartitionData answer = new PartitionData()
                .setPartitionIndex(target.partition())
                .setErrorCode(error.code())
                .setHighWatermark(result.highWatermark())
                .setLastStableOffset(result.lastStableOffset())
                .setLogStartOffset(result.logStartOffset())
                .setAbortedTransactions(aborted(result))
                .setRecords(result.records().isEmpty() ? MemoryRecords.EMPTY : new LogRecords(result.records()));
        if (result.diverging() != null) {
            answer.setDivergingEpoch(new EpochEndOffset()
                    .setEpoch(result.diverging().epoch())
                    .setEndOffset(result.diverging().endOffset()));
        }
        if (context.apiVersion() >= FIRST_WITH_CURRENT_LEADER
                && (error == Errors.NOT_LEADER_OR_FOLLOWER || error == Errors.FENCED_LEADER_EPOCH)) {
            TopicImage topic = topic(image, target);
            leaders.of(topic == null ? "" : topic.name(), target.partition())
                    .ifPresent(at -> answer.setCurrentLeader(
                            new LeaderIdAndEpoch().setLeaderId(at.leader()).setLeaderEpoch(at.leaderEpoch())));
        }
        return answer;
    }

    private static @Nullable List<AbortedTransaction> aborted(Read.Result result) {
        return result.aborted() == null
                ? null
                : result.aborted().stream()
                        .map(transaction -> new AbortedTransaction()
                                .setProducerId(transaction.producerId())
                                .setFirstOffset(transaction.firstOffset()))
                        .toList();
    }
}
