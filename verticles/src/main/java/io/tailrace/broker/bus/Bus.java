// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.bus;

import io.tailrace.cluster.bus.Addresses;
import io.tailrace.cluster.bus.ApiCall;
import io.tailrace.cluster.bus.GroupCall;
import io.tailrace.cluster.bus.GroupReply;
import io.tailrace.cluster.bus.LogRequest;
import io.tailrace.cluster.bus.PartitionKey;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.MessageConsumerOptions;
import io.vertx.core.eventbus.MessageProducer;
import io.vertx.core.internal.VertxInternal;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * Typed requests to the shards and the APIs of this process, over Vert.x's event bus.
 *
 * <p>A request costs one hop there and one back. The answer does not go through the bus's own reply: that would register a handler and start
 * a timer for each request. The call carries its answer instead ({@link Call}), and a shard's answers go back in one task per turn ({@link
 * Replies}).
 *
 * <p><b>Bounds.</b> At most {@link #MAX_IN_FLIGHT} requests wait at one shard; more fail at once with {@link BusException}. Their bytes are
 * bounded where they enter, by the listener.
 *
 * <p><b>Deadlines</b> are part of the messages that can wait and are kept by the shard; see {@link LogRequest}.
 *
 * <p>Safe from any thread. The future completes on the context that asked.
 */
public final class Bus {

    /** Some requests for each of 10,000 connections. A request that waits costs about 200 bytes beside its records. */
    static final int MAX_IN_FLIGHT = 1 << 16;

    private static final String LOG = "log";
    private static final String GROUP = "group";
    private static final String API = "api";

    private final VertxInternal vertx;
    private final int nodeId;
    private final Route[] logShards;
    private final Route[] groupShards;
    private final Route apis;

    /** To be made once for each Vert.x instance. */
    public Bus(Vertx vertx, int nodeId, int shardCount) {
        this.vertx = (VertxInternal) vertx;
        this.nodeId = nodeId;
        this.logShards = routes(vertx, LOG, shardCount, shard -> Addresses.log(nodeId, shard));
        this.groupShards = routes(vertx, GROUP, shardCount, shard -> Addresses.group(nodeId, shard));
        this.apis = routes(vertx, API, 1, only -> Addresses.api(nodeId))[0];
    }

    private static Route[] routes(Vertx vertx, String family, int shardCount, IntFunction<String> addresses) {
        LocalCodec codec = new LocalCodec(family);
        vertx.eventBus().registerCodec(codec);
        DeliveryOptions options = new DeliveryOptions().setLocalOnly(true).setCodecName(codec.name());
        Route[] routes = new Route[shardCount];
        for (int shard = 0; shard < shardCount; shard++) {
            String address = addresses.apply(shard);
            routes[shard] = new Route(address, vertx.eventBus().sender(address, options), new AtomicInteger());
        }
        return routes;
    }

    /** How many shards this node has: as many for groups as for logs. */
    public int shardCount() {
        return logShards.length;
    }

    /** The log shard of a partition. */
    public int shardOf(PartitionKey partition) {
        return partition.shard(logShards.length);
    }

    /** Asks the log shard of the partitions in the request, which must all be of that shard. Fails with {@link BusException} only. */
    public <R> Future<R> ask(int shard, LogRequest<R> request) {
        return send(logShards[shard], request);
    }

    /** Asks every log shard; the answers are in the order of the shards. Each fails with {@link BusException} only. */
    public <R> List<Future<R>> askAll(LogRequest<R> request) {
        return IntStream.range(0, logShards.length)
                .mapToObj(shard -> ask(shard, request))
                .toList();
    }

    /** Asks a group shard. Fails with {@link BusException} only. */
    public Future<GroupReply> askGroup(int shard, GroupCall request) {
        return send(groupShards[shard], request);
    }

    /** Asks the Kafka APIs of this node. Fails with {@link BusException}, or as the API failed. */
    public Future<ApiMessage> askApi(ApiCall request) {
        return send(apis, request);
    }

    /** Listens for calls of Kafka APIs; called on the context that answers. */
    public MessageConsumer<Call<ApiCall>> serveApis(Consumer<Call<ApiCall>> receiver) {
        return serve(Addresses.api(nodeId), receiver);
    }

    /** Listens as a log shard; called on the shard's own context. */
    public MessageConsumer<Call<LogRequest<?>>> serveLog(int shard, Consumer<Call<LogRequest<?>>> receiver) {
        return serve(Addresses.log(nodeId, shard), receiver);
    }

    /** Listens as a group shard; called on the shard's own context. */
    public MessageConsumer<Call<GroupCall>> serveGroup(int shard, Consumer<Call<GroupCall>> receiver) {
        return serve(Addresses.group(nodeId, shard), receiver);
    }

    private <Q> MessageConsumer<Call<Q>> serve(String address, Consumer<Call<Q>> receiver) {
        MessageConsumerOptions options = new MessageConsumerOptions()
                .setAddress(address)
                .setLocalOnly(true)
                .setMaxBufferedMessages(MAX_IN_FLIGHT);
        return vertx.eventBus().consumer(options, message -> receiver.accept(message.body()));
    }

    @SuppressWarnings("unchecked") // the request names the type of its reply, and the shard keeps to it
    private <R> Future<R> send(Route route, Object request) {
        if (route.inFlight.incrementAndGet() > MAX_IN_FLIGHT) {
            route.inFlight.decrementAndGet();
            return Future.failedFuture(BusException.overloaded(route.address, MAX_IN_FLIGHT));
        }
        Call<Object> call = new Call<>(request, vertx.getOrCreateContext(), route.inFlight);
        route.sender.write(call).onFailure(lost -> call.fail(BusException.unreachable(route.address)));
        return (Future<R>) call.answer().future();
    }

    private record Route(String address, MessageProducer<Call<?>> sender, AtomicInteger inFlight) {}
}
