// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.bus;

import io.tailrace.cluster.bus.LogRequest;
import io.tailrace.cluster.bus.PartitionKey;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Splits a request about many partitions by shard, and brings each result to the answer that waits for it. For one request, on one event
 * loop.
 *
 * @param <P> what a shard is asked about one partition
 * @param <A> where the result of one partition goes
 */
public final class ShardSplit<P, A> {

    private final Bus bus;
    private final @Nullable Shard<P, A>[] shards;

    @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a private generic type
    public ShardSplit(Bus bus) {
        this.bus = bus;
        this.shards = new Shard[bus.shardCount()];
    }

    public void add(PartitionKey partition, P part, A answer) {
        int index = bus.shardOf(partition);
        Shard<P, A> shard = shards[index];
        if (shard == null) {
            shard = new Shard<>(new ArrayList<>(), new ArrayList<>());
            shards[index] = shard;
        }
        shard.parts.add(part);
        shard.answers.add(answer);
    }

    /**
     * Asks every shard that has a part.
     *
     * @param request makes a shard's request of its parts
     * @param results the results in a reply, one per part, in order
     * @param fill brings a result to its answer
     * @param refuse brings an error to an answer, if the shard could not be reached
     * @return done when all answers are filled in; never fails
     */
    public <R, T> Future<?> ask(
            Function<List<P>, LogRequest<R>> request,
            Function<R, List<T>> results,
            BiConsumer<A, T> fill,
            BiConsumer<A, Errors> refuse) {
        List<Future<?>> asked = new ArrayList<>(1);
        for (int index = 0; index < shards.length; index++) {
            Shard<P, A> shard = shards[index];
            if (shard != null) {
                asked.add(bus.ask(index, request.apply(shard.parts)).transform(reply -> {
                    if (reply.succeeded()) {
                        List<T> found = results.apply(reply.result());
                        for (int i = 0; i < found.size(); i++) {
                            fill.accept(shard.answers.get(i), found.get(i));
                        }
                    } else {
                        Errors error = BusException.errorOf(reply.cause());
                        shard.answers.forEach(answer -> refuse.accept(answer, error));
                    }
                    return Future.succeededFuture();
                }));
            }
        }
        return switch (asked.size()) {
            case 0 -> Future.succeededFuture();
            case 1 -> asked.get(0);
            default -> Future.all(asked);
        };
    }

    private record Shard<P, A>(List<P> parts, List<A> answers) {}
}
