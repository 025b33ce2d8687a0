// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.log;

import io.tailrace.cluster.bus.Append;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.metadata.TopicImage;
import io.tailrace.gateway.session.ErrorCode;
import io.tailrace.gateway.session.NewRecord;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * Writes records, acknowledged when all in-sync replicas have them (acks=all). A key goes to the partition that Kafka's own clients send it
 * to; records without one go round.
 */
public final class Publisher {

    private static final short ACKS_ALL = -1;
    private static final int ANY_EPOCH = -1;
    private static final long TIMEOUT_MS = 30_000;

    /** A batch is closed when it is that long: well below what topics take by default. */
    private static final long BATCH_BYTES = 256 * 1024;

    private final LogShards logs;
    private int next;

    public Publisher(LogShards logs) {
        this.logs = logs;
    }

    /**
     * What became of one record.
     *
     * @param error null if it was written
     * @param offset or -1
     */
    public record Result(int partition, long offset, @Nullable ErrorCode error, String text) {

        static Result refused(int partition, ErrorCode error, String text) {
            return new Result(partition, -1, error, text);
        }
    }

    /** Writes records to a topic; each succeeds or fails alone, in the order given for each partition. Never fails. */
    public Future<List<Result>> write(TopicImage topic, List<NewRecord> records) {
        Result[] results = new Result[records.size()];
        Map<Integer, Batch> open = new LinkedHashMap<>();
        List<Future<?>> sent = new ArrayList<>();
        boolean internal = Topic.isInternal(topic.name());
        for (int i = 0; i < results.length; i++) {
            NewRecord record = records.get(i);
            int partition = partition(topic, record);
            if (internal) {
                results[i] = Result.refused(partition, ErrorCode.NOT_AUTHORIZED, "an internal topic");
            } else if (partition >= topic.partitions().size()) {
                results[i] = Result.refused(partition, ErrorCode.UNKNOWN_PARTITION, "no such partition");
            } else {
                Batch batch = open.computeIfAbsent(partition, Batch::new);
                batch.add(i, record);
                if (batch.bytes >= BATCH_BYTES) {
                    sent.add(send(topic, batch, results));
                    open.remove(partition);
                }
            }
        }
        open.values().forEach(batch -> sent.add(send(topic, batch, results)));
        return Future.all(sent).map(done -> List.of(results));
    }

    private int partition(TopicImage topic, NewRecord record) {
        if (record.partition() != NewRecord.ANY_PARTITION) {
            return record.partition();
        }
        int count = topic.partitions().size();
        byte[] key = record.key();
        return key == null ? Math.floorMod(next++, count) : Utils.toPositive(Utils.murmur2(key)) % count;
    }

    private Future<?> send(TopicImage topic, Batch batch, Result[] results) {
        PartitionKey key = PartitionKey.of(topic, batch.partition);
        long nowMs = System.currentTimeMillis();
        SimpleRecord[] records =
                batch.records.stream().map(record -> simple(record, nowMs)).toArray(SimpleRecord[]::new);
        Append append = new Append(
                Append.Origin.CLIENT,
                ACKS_ALL,
                nowMs + TIMEOUT_MS,
                List.of(new Append.Part(
                        key,
                        ANY_EPOCH,
                        MemoryRecords.withRecords(Compression.NONE, records).buffer())));
        return logs.ask(key, append)
                .map(reply -> reply.results().get(0))
                .otherwise(lost -> Append.Result.refused(Errors.NOT_LEADER_OR_FOLLOWER))
                .onSuccess(result -> batch.fill(result, results));
    }

    private static SimpleRecord simple(NewRecord record, long timestampMs) {
        Header[] headers = record.headers().stream()
                .map(header -> new RecordHeader(header.name(), header.value()))
                .toArray(Header[]::new);
        return new SimpleRecord(timestampMs, record.key(), record.value(), headers);
    }

    /** Records for one partition, and where in the request they stood. */
    private static final class Batch {
        private final int partition;
        private final List<Integer> places = new ArrayList<>();
        private final List<NewRecord> records = new ArrayList<>();
        private long bytes;

        Batch(int partition) {
            this.partition = partition;
        }

        void add(int place, NewRecord record) {
            places.add(place);
            records.add(record);
            bytes += record.bytes();
        }

        void fill(Append.Result result, Result[] results) {
            for (int i = 0; i < places.size(); i++) {
                results[places.get(i)] = result.error() == Errors.NONE
                        ? new Result(partition, result.baseOffset() + i, null, "")
                        : Result.refused(
                                partition,
                                ErrorCode.of(result.error()),
                                result.message() == null ? result.error().message() : result.message());
            }
        }
    }
}
