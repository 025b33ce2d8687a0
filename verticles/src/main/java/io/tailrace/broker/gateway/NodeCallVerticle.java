// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.gateway;

import io.tailrace.broker.bus.Bus;
import io.tailrace.broker.bus.PendingAnswers;
import io.tailrace.broker.gateway.NodeCall.Answered;
import io.tailrace.broker.gateway.NodeCall.AskApi;
import io.tailrace.broker.gateway.NodeCall.Described;
import io.tailrace.broker.gateway.NodeCall.Failed;
import io.tailrace.broker.gateway.NodeCall.Found;
import io.tailrace.broker.gateway.NodeCall.Locate;
import io.tailrace.broker.gateway.NodeCall.Located;
import io.tailrace.broker.gateway.NodeCall.ReadAt;
import io.tailrace.broker.gateway.NodeCall.Write;
import io.tailrace.broker.gateway.NodeCall.Written;
import io.tailrace.cluster.bus.ApiCall;
import io.tailrace.cluster.bus.Append;
import io.tailrace.cluster.bus.ByteBudget;
import io.tailrace.cluster.bus.DescribePartitions;
import io.tailrace.cluster.bus.Isolation;
import io.tailrace.cluster.bus.ListOffsets;
import io.tailrace.cluster.bus.Read;
import io.tailrace.cluster.bus.ReadGate;
import io.tailrace.cluster.bus.ReleaseRead;
import io.tailrace.log.LogSlice;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.jspecify.annotations.Nullable;

/**
 * Answers the gateways of other nodes. On a worker thread of its own: records are copied out of files.
 *
 * <p>What is read is bounded by who asks; no read brings more than {@link #MAX_BYTES}, or one batch.
 */
public final class NodeCallVerticle extends VerticleBase {

    private static final int MAX_BYTES = 1 << 20;
    private static final int ANY_EPOCH = -1;
    private static final short ACKS_ALL = -1;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final int nodeId;
    private final Bus bus;
    private final NodeCalls calls;
    private final Map<ReadGate, ReadAt> waiting = new LinkedHashMap<>();
    private final PendingAnswers pending = new PendingAnswers();
    private @Nullable MessageConsumer<NodeCall> consumer;

    public NodeCallVerticle(int nodeId, Bus bus, NodeCalls calls) {
        this.nodeId = nodeId;
        this.bus = bus;
        this.calls = calls;
    }

    /** How it is to be deployed. */
    public static DeploymentOptions options() {
        return new DeploymentOptions()
                .setThreadingModel(ThreadingModel.WORKER)
                .setWorkerPoolName("tailrace-gateway-calls")
                .setWorkerPoolSize(1);
    }

    @Override
    public Future<?> start() {
        MessageConsumer<NodeCall> made = calls.serve(nodeId, this::answer);
        consumer = made;
        return made.completion();
    }

    @Override
    public Future<?> stop() {
        Future<?> deaf = consumer == null ? Future.succeededFuture() : consumer.unregister();
        return deaf.eventually(() -> {
            // A shard that is gone has answered.
            waiting.forEach(
                    (gate, read) -> pending.await(bus.ask(bus.shardOf(read.partition()), new ReleaseRead(gate))));
            return pending.settled(context);
        });
    }

    private Future<? extends NodeCall> answer(NodeCall call) {
        return pending.await(decide(call));
    }

    private Future<? extends NodeCall> decide(NodeCall call) {
        return switch (call) {
            case ReadAt it -> read(it);
            case Locate it -> locate(it);
            case Write it -> write(it);
            case NodeCall.Describe it -> describe();
            case AskApi it -> askApi(it);
            case Found it -> stray();
            case Located it -> stray();
            case Written it -> stray();
            case Described it -> stray();
            case Answered it -> stray();
            case Failed it -> stray();
        };
    }

    private static Future<NodeCall> stray() {
        return Future.failedFuture("an answer came where a question was due");
    }

    private Future<Found> read(ReadAt asked) {
        int maxBytes = Math.clamp(asked.maxBytes(), 0, MAX_BYTES);
        ReadGate gate = new ReadGate(1);
        Read.Part part =
                new Read.Part(asked.partition(), asked.offset(), maxBytes, ANY_EPOCH, asked.lastFetchedEpoch());
        Read read = new Read(
                Isolation.READ_COMMITTED,
                System.currentTimeMillis() + asked.waitMs(),
                gate,
                new ByteBudget(maxBytes),
                List.of(part));
        waiting.put(gate, asked);
        return bus.ask(bus.shardOf(asked.partition()), read)
                .onComplete(done -> waiting.remove(gate))
                .map(reply -> found(reply.results().get(0)));
    }

    private static Found found(Read.Result result) {
        List<Read.AbortedTransaction> aborted = result.aborted();
        ByteBuffer records = NOTHING;
        try {
            if (!result.records().isEmpty()) {
                records = ByteBuffer.allocate(result.records().sizeBytes());
                for (LogSlice slice : result.records().slices()) {
                    slice.copyTo(records);
                }
                records.flip();
            }
        } finally {
            result.records().release();
        }
        return new Found(
                result.error(),
                records,
                result.records().baseOffset(),
                result.highWatermark(),
                result.lastStableOffset(),
                result.logStartOffset(),
                aborted == null ? List.of() : aborted,
                Optional.ofNullable(result.diverging()));
    }

    private Future<Located> locate(Locate asked) {
        ListOffsets.Part part = new ListOffsets.Part(asked.partition(), ANY_EPOCH, asked.timestamp());
        return bus.ask(bus.shardOf(asked.partition()), new ListOffsets(Isolation.READ_COMMITTED, List.of(part)))
                .map(reply -> reply.results().get(0))
                .map(result -> new Located(result.error(), result.timestamp(), result.offset(), result.leaderEpoch()));
    }

    private Future<Written> write(Write asked) {
        Append append = new Append(
                Append.Origin.CLIENT,
                ACKS_ALL,
                System.currentTimeMillis() + asked.waitMs(),
                List.of(new Append.Part(asked.partition(), ANY_EPOCH, asked.batch())));
        return bus.ask(bus.shardOf(asked.partition()), append)
                .map(reply -> reply.results().get(0))
                .map(result -> new Written(
                        result.error(), result.baseOffset(), result.message() == null ? "" : result.message()));
    }

    private Future<Described> describe() {
        return Future.all(bus.askAll(new DescribePartitions())).map(all -> {
            List<DescribePartitions.Reply> shards = all.list();
            // Every shard tells of all directories.
            Set<String> paths = new LinkedHashSet<>();
            return new Described(
                    shards.stream()
                            .flatMap(shard -> shard.directories().stream())
                            .filter(directory -> paths.add(directory.path()))
                            .toList(),
                    shards.stream()
                            .flatMap(shard -> shard.partitions().stream())
                            .toList());
        });
    }

    private Future<Answered> askApi(AskApi asked) {
        ApiMessage request = ApiMessageType.fromApiKey(asked.apiKey()).newRequest();
        request.read(new ByteBufferAccessor(asked.request()), asked.version());
        KafkaPrincipal principal = new KafkaPrincipal(asked.principalType(), asked.principalName());
        return bus.askApi(new ApiCall(principal, asked.host(), asked.version(), request))
                .map(response -> new Answered(bytes(response, asked.version())));
    }

    static ByteBuffer bytes(ApiMessage message, short version) {
        return MessageUtil.toByteBufferAccessor(message, version).buffer();
    }
}
