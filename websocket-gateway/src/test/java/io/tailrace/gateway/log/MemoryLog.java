// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.log;

import io.tailrace.cluster.bus.DescribePartitions;
import io.tailrace.cluster.bus.LogRequest;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.bus.Read;
import io.tailrace.cluster.bus.ReleaseRead;
import io.tailrace.log.LogRead;
import io.tailrace.log.LogSlice;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** A log of one partition, a batch for each record, that keeps reads waiting as a shard does. One thread. */
final class MemoryLog implements LogShards {

    private static final int MOST_BATCHES = 7;

    private final List<String> keys = new ArrayList<>();
    private final List<Parked> parked = new ArrayList<>();
    private final Consumer<Runnable> reply;
    private boolean failing;
    private int answered;

    private record Parked(Read read, Promise<Read.Reply> answer) {}

    /** @param reply brings an answer to whoever asks, later */
    MemoryLog(Consumer<Runnable> reply) {
        this.reply = reply;
    }

    /** Keys of the records, by offset. */
    List<String> keys() {
        return keys;
    }

    /** Reads that were answered with records. */
    int answered() {
        return answered;
    }

    int waiting() {
        return parked.size();
    }

    /** The next read, or those that wait, are refused. */
    void fail() {
        failing = true;
        wake();
    }

    void append(String key) {
        keys.add(key);
        wake();
    }

    private void wake() {
        List<Parked> all = List.copyOf(parked);
        parked.clear();
        all.forEach(this::take);
    }

    @Override
    @SuppressWarnings("unchecked") // each request has its own type of reply
    public <R> Future<R> ask(PartitionKey partition, LogRequest<R> request) {
        if (request instanceof Read read) {
            Promise<Read.Reply> answer = Promise.promise();
            Promise<Read.Reply> told = Promise.promise();
            Consumer<Runnable> back = reply;
            answer.future().onSuccess(it -> back.accept(() -> told.complete(it)));
            take(new Parked(read, answer));
            return (Future<R>) told.future();
        }
        ReleaseRead release = (ReleaseRead) request;
        for (Parked one : List.copyOf(parked)) {
            if (one.read.gate() == release.gate()) {
                parked.remove(one);
                one.answer.complete(new Read.Reply(List.of(nothing())));
            }
        }
        return (Future<R>) Future.succeededFuture(ReleaseRead.Reply.DONE);
    }

    private void take(Parked one) {
        long offset = one.read.parts().get(0).fetchOffset();
        if (failing) {
            failing = false;
            one.answer.complete(new Read.Reply(List.of(Read.Result.refused(Errors.NOT_LEADER_OR_FOLLOWER))));
        } else if (offset < keys.size()) {
            answered++;
            one.answer.complete(new Read.Reply(List.of(found(offset))));
        } else {
            parked.add(one);
        }
    }

    private Read.Result nothing() {
        return Read.Result.nothing(keys.size(), keys.size(), 0, true);
    }

    private Read.Result found(long offset) {
        ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
        long end = Math.min(keys.size(), offset + MOST_BATCHES);
        for (long at = offset; at < end; at++) {
            byte[] key = keys.get((int) at).getBytes(StandardCharsets.UTF_8);
            bytes.put(MemoryRecords.withRecords(at, Compression.NONE, new SimpleRecord(0L, key, key))
                    .buffer());
        }
        bytes.flip();
        LogRead.Records records =
                new LogRead.Records(List.of(new LogSlice.OfMemory(bytes, () -> {})), bytes.remaining(), offset, end);
        return new Read.Result(Errors.NONE, records, keys.size(), keys.size(), 0, List.of(), null);
    }

    @Override
    public Future<Map<Integer, List<DescribePartitions.Reply>>> describe() {
        return Future.succeededFuture(Map.of());
    }
}
