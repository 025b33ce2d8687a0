// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.gateway;

import io.tailrace.broker.bus.Bus;
import io.tailrace.cluster.bus.Append;
import io.tailrace.cluster.bus.DescribePartitions;
import io.tailrace.cluster.bus.ListOffsets;
import io.tailrace.cluster.bus.LogRequest;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.bus.Read;
import io.tailrace.cluster.metadata.BrokerImage;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.PartitionImage;
import io.tailrace.gateway.log.LogShards;
import io.tailrace.log.LogRead;
import io.tailrace.log.LogSlice;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.apache.kafka.common.protocol.Errors;

/**
 * The log of the whole cluster for the gateway: what this node leads is asked of its own shards, everything else of the node that leads it.
 *
 * <p>Who was asked and leads no longer is not waited for: it may be dead, and its answer never come. Safe from any thread; futures complete on
 * the context that asked.
 */
public final class ClusterLogs implements LogShards {

    /** Beyond what the other node may wait. */
    private static final long PATIENCE_MS = 10_000;

    private final VertxInternal vertx;
    private final int nodeId;
    private final Bus bus;
    private final MetadataView metadata;
    private final NodeCalls calls;
    private final Set<Waiting> waiting = ConcurrentHashMap.newKeySet();

    /** A question to a node that led the partition. */
    private record Waiting(int leader, PartitionKey partition, Promise<NodeCall> answer) {}

    public ClusterLogs(Vertx vertx, int nodeId, Bus bus, MetadataView metadata, NodeCalls calls) {
        this.vertx = (VertxInternal) vertx;
        this.nodeId = nodeId;
        this.bus = bus;
        this.metadata = metadata;
        this.calls = calls;
        metadata.onChange(this::abandon);
    }

    @Override
    @SuppressWarnings("unchecked") // each request has its own type of reply
    public <R> Future<R> ask(PartitionKey partition, LogRequest<R> request) {
        int leader = leader(metadata.image(), partition);
        if (leader == nodeId || leader == PartitionImage.NO_LEADER) {
            return bus.ask(bus.shardOf(partition), request);
        }
        return switch (request) {
            case Read read -> (Future<R>) read(leader, partition, read);
            case ListOffsets list -> (Future<R>) locate(leader, partition, list);
            case Append append -> (Future<R>) write(leader, partition, append);
            // A reading elsewhere that nobody waits for any more ends by itself; here nothing is found to be released.
            default -> bus.ask(bus.shardOf(partition), request);
        };
    }

    @Override
    public Future<Map<Integer, List<DescribePartitions.Reply>>> describe() {
        ConcurrentMap<Integer, List<DescribePartitions.Reply>> nodes = new ConcurrentHashMap<>();
        Future<?> own =
                Future.all(bus.askAll(new DescribePartitions())).onSuccess(all -> nodes.put(nodeId, all.list()));
        List<Future<?>> others = metadata.image().brokers().values().stream()
                .filter(broker -> broker.id() != nodeId && !broker.fenced())
                .<Future<?>>map(broker -> describe(broker, nodes))
                .toList();
        return own.compose(known -> Future.join(others).transform(all -> {
            return Future.<Map<Integer, List<DescribePartitions.Reply>>>succeededFuture(new TreeMap<>(nodes));
        }));
    }

    private Future<?> describe(BrokerImage broker, Map<Integer, List<DescribePartitions.Reply>> nodes) {
        return calls.ask(broker.id(), new NodeCall.Describe(), PATIENCE_MS).onSuccess(answer -> {
            if (answer instanceof NodeCall.Described it) {
                nodes.put(broker.id(), List.of(new DescribePartitions.Reply(it.directories(), it.partitions())));
            }
        });
    }

    private Future<Read.Reply> read(int leader, PartitionKey partition, Read read) {
        Read.Part part = read.parts().get(0);
        long waitMs = Math.max(0, read.deadlineMs() - System.currentTimeMillis());
        NodeCall.ReadAt call =
                new NodeCall.ReadAt(partition, part.fetchOffset(), part.lastFetchedEpoch(), part.maxBytes(), waitMs);
        return ask(leader, partition, call, waitMs)
                .map(answer -> answer instanceof NodeCall.Found it ? result(it) : lost())
                .otherwise(gone -> lost())
                .map(result -> new Read.Reply(List.of(result)));
    }

    private static Read.Result lost() {
        return Read.Result.refused(Errors.NOT_LEADER_OR_FOLLOWER);
    }

    private static Read.Result result(NodeCall.Found found) {
        ByteBuffer bytes = found.records();
        LogRead.Records records = bytes.hasRemaining()
                ? new LogRead.Records(
                        List.of(new LogSlice.OfMemory(bytes.asReadOnlyBuffer(), () -> {})),
                        bytes.remaining(),
                        found.baseOffset(),
                        found.baseOffset()) // where to read on is told by the batches
                : LogRead.Records.empty(found.baseOffset());
        return new Read.Result(
                found.error(),
                records,
                found.highWatermark(),
                found.lastStableOffset(),
                found.logStartOffset(),
                found.aborted(),
                found.diverging().orElse(null));
    }

    private Future<ListOffsets.Reply> locate(int leader, PartitionKey partition, ListOffsets list) {
        NodeCall.Locate call =
                new NodeCall.Locate(partition, list.parts().get(0).timestamp());
        return ask(leader, partition, call, 0)
                .map(answer -> answer instanceof NodeCall.Located it
                        ? new ListOffsets.Result(it.error(), it.timestamp(), it.offset(), it.leaderEpoch())
                        : ListOffsets.Result.refused(Errors.NOT_LEADER_OR_FOLLOWER))
                .otherwise(gone -> ListOffsets.Result.refused(Errors.NOT_LEADER_OR_FOLLOWER))
                .map(result -> new ListOffsets.Reply(List.of(result)));
    }

    /** What was sent and not answered may have been written. */
    private Future<Append.Reply> write(int leader, PartitionKey partition, Append append) {
        long waitMs = Math.max(0, append.deadlineMs() - System.currentTimeMillis());
        NodeCall.Write call =
                new NodeCall.Write(partition, append.parts().get(0).records(), waitMs);
        return ask(leader, partition, call, waitMs)
                .map(answer -> answer instanceof NodeCall.Written it
                        ? new Append.Result(
                                it.error(),
                                it.baseOffset(),
                                -1,
                                -1,
                                List.of(),
                                it.message().isEmpty() ? null : it.message())
                        : Append.Result.refused(Errors.REQUEST_TIMED_OUT))
                .otherwise(gone -> Append.Result.refused(
                        gone instanceof ReplyException it && it.failureType() == ReplyFailure.NO_HANDLERS
                                ? Errors.NOT_LEADER_OR_FOLLOWER
                                : Errors.REQUEST_TIMED_OUT))
                .map(result -> new Append.Reply(List.of(result)));
    }

    private Future<NodeCall> ask(int leader, PartitionKey partition, NodeCall call, long waitMs) {
        ContextInternal asker = vertx.getOrCreateContext();
        Waiting asked = new Waiting(leader, partition, asker.promise());
        waiting.add(asked);
        calls.ask(leader, call, waitMs + PATIENCE_MS)
                .onSuccess(asked.answer::tryComplete)
                .onFailure(asked.answer::tryFail);
        abandon(metadata.image());
        return asked.answer.future().onComplete(done -> waiting.remove(asked));
    }

    private void abandon(ClusterImage image) {
        for (Waiting asked : waiting) {
            if (leader(image, asked.partition) != asked.leader) {
                asked.answer.tryFail("another node leads now");
            }
        }
    }

    private static int leader(ClusterImage image, PartitionKey partition) {
        return image.topic(partition.topicId())
                .filter(topic -> partition.partition() < topic.partitions().size())
                .map(topic -> topic.partitions().get(partition.partition()).leader())
                .orElse(PartitionImage.NO_LEADER);
    }
}
