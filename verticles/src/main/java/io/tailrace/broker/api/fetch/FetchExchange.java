// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api.fetch;

import io.tailrace.broker.bus.Bus;
import io.tailrace.broker.bus.BusException;
import io.tailrace.cluster.bus.ByteBudget;
import io.tailrace.cluster.bus.Isolation;
import io.tailrace.cluster.bus.LogRequest;
import io.tailrace.cluster.bus.Read;
import io.tailrace.cluster.bus.ReadGate;
import io.tailrace.cluster.bus.ReleaseRead;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * One fetch among the shards: each gets its partitions, all share one gate and one budget, and when one has answered the others are told not
 * to wait any longer.
 *
 * <p>Belongs to the event loop of the request, on which all answers arrive.
 */
public final class FetchExchange {

    private final Bus bus;
    private final Isolation isolation;
    private final long deadlineMs;
    private final ByteBudget budget;
    private final Read.Result[] results;
    private final @Nullable Shard[] shards;
    private final Read.@Nullable Follower follower;
    private final Promise<Read.Result[]> done = Promise.promise();
    private final Promise<Void> settled = Promise.promise();
    private ReadGate gate = new ReadGate(0);
    private boolean refusedAny;
    private boolean anyReplica;
    private int waiting;

    /** Reads and releases without an answer so far. */
    private int unanswered;

    public FetchExchange(Bus bus, Isolation isolation, long deadlineMs, int maxBytes, int partitionCount) {
        this(bus, isolation, deadlineMs, maxBytes, partitionCount, null);
    }

    /** @param follower who fetches, if it is a replica; null for a consumer */
    public FetchExchange(
            Bus bus,
            Isolation isolation,
            long deadlineMs,
            int maxBytes,
            int partitionCount,
            Read.@Nullable Follower follower) {
        this.bus = bus;
        this.follower = follower;
        this.isolation = isolation;
        this.deadlineMs = deadlineMs;
        this.budget = new ByteBudget(maxBytes);
        this.results = new Read.Result[partitionCount];
        this.shards = new Shard[bus.shardCount()];
    }

    /** Lets replicas that follow answer, too: the reader is a consumer that was told to come here. */
    public void acceptAnyReplica() {
        anyReplica = true;
    }

    /** A partition that is not asked for; its reader shall hear so at once. */
    public void refuse(int index, Errors error) {
        results[index] = Read.Result.refused(error);
        refusedAny = true;
    }

    public void ask(int index, Read.Part part) {
        int number = bus.shardOf(part.partition());
        Shard shard = shards[number];
        if (shard == null) {
            shard = new Shard(number);
            shards[number] = shard;
            waiting++;
        }
        shard.add(index, part);
    }

    /** The results, in the order of the partitions. Never fails. */
    public Future<Read.Result[]> run(int minBytes) {
        gate = new ReadGate(refusedAny ? 0 : minBytes);
        if (waiting == 0) {
            settled.complete();
            return Future.succeededFuture(results);
        }
        for (Shard shard : shards) {
            if (shard != null) {
                Read read = new Read(isolation, deadlineMs, gate, budget, shard.parts, follower, anyReplica);
                ask(shard, read, answer -> {
                    if (answer.succeeded()) {
                        shard.fill(results, answer.result().results());
                    } else {
                        Read.Result lost = Read.Result.refused(BusException.errorOf(answer.cause()));
                        shard.fill(results, Collections.nCopies(shard.parts.size(), lost));
                    }
                    onAnswer();
                });
            }
        }
        return done.future();
    }

    /** Done when nothing is to come from any shard any more, which may be a little after the results: a context that ends has to wait for it. */
    public Future<Void> settled() {
        return settled.future();
    }

    /** After {@link #run}: who waits for bytes to come is answered with what there is. */
    public void endWaiting() {
        release();
    }

    private void onAnswer() {
        waiting--;
        if (waiting == 0) {
            done.complete(results);
        } else {
            release();
        }
    }

    private void release() {
        for (Shard shard : shards) {
            if (shard != null && shard.shallBeReleased()) {
                // A shard that cannot be reached answers its read with that failure.
                ask(shard, new ReleaseRead(gate), answer -> {});
            }
        }
    }

    private <R> void ask(Shard shard, LogRequest<R> request, Consumer<AsyncResult<R>> taker) {
        unanswered++;
        bus.ask(shard.number, request).onComplete(answer -> {
            taker.accept(answer);
            unanswered--;
            if (waiting == 0 && unanswered == 0) {
                settled.complete();
            }
        });
    }

    private static final class Shard {
        private final int number;
        private final List<Read.Part> parts = new ArrayList<>();
        private int[] indexes = new int[4];
        private boolean answered;
        private boolean released;

        Shard(int number) {
            this.number = number;
        }

        void add(int index, Read.Part part) {
            if (parts.size() == indexes.length) {
                indexes = Arrays.copyOf(indexes, indexes.length * 2);
            }
            indexes[parts.size()] = index;
            parts.add(part);
        }

        void fill(Read.Result[] all, List<Read.Result> mine) {
            answered = true;
            for (int i = 0; i < mine.size(); i++) {
                all[indexes[i]] = mine.get(i);
            }
        }

        boolean shallBeReleased() {
            boolean now = !answered && !released;
            released |= now;
            return now;
        }
    }
}
