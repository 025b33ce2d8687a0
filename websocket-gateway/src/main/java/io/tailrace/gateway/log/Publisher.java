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
    private static final short PRODUCER_EPOCH = 0;
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

    /** What became of a batch of an idempotent producer. */
    public sealed interface Outcome {

        /** @param offset of the first record, or -1 if it was written before, and is not known any more */
        record Written(long offset) implements Outcome {}

        record Refused(ErrorCode error, String text) implements Outcome {}

        /** What should come before it is not there, or the log knows the producer in another state. */
        record OutOfOrder() implements Outcome {}

        /** It may have been written, or not. */
        record NotKnown() implements Outcome {}
    }

    /** Writes records as one batch of an idempotent producer. Never fails. @param sequence of the first */
    public Future<Outcome> write(
            TopicImage topic, int partition, long producerId, int sequence, List<NewRecord> records) {
        MemoryRecords batch = MemoryRecords.withIdempotentRecords(
                Compression.NONE, producerId, PRODUCER_EPOCH, sequence, simple(records));
        return append(PartitionKey.of(topic, partition), batch)
                .map(Publisher::outcome)
                .otherwise(lost -> new Outcome.NotKnown());
    }

    /** Who led a partition and does not any more may have written it before. A topic that is gone is not in the cluster's image either. */
    private static Outcome outcome(Append.Result result) {
        return switch (result.error()) {
            case NONE -> new Outcome.Written(result.baseOffset());
            case OUT_OF_ORDER_SEQUENCE_NUMBER, UNKNOWN_PRODUCER_ID, INVALID_PRODUCER_EPOCH -> new Outcome.OutOfOrder();
            case REQUEST_TIMED_OUT,
                    NOT_ENOUGH_REPLICAS_AFTER_APPEND,
                    NOT_LEADER_OR_FOLLOWER,
                    LEADER_NOT_AVAILABLE,
                    UNKNOWN_TOPIC_OR_PARTITION,
                    UNKNOWN_TOPIC_ID,
                    KAFKA_STORAGE_ERROR,
                    UNKNOWN_SERVER_ERROR -> new Outcome.NotKnown();
            default -> new Outcome.Refused(ErrorCode.of(result.error()), text(result));
        };
    }

    private static String text(Append.Result result) {
        return result.message() == null ? result.error().message() : result.message();
    }

    private Future<Append.Result> append(PartitionKey key, MemoryRecords batch) {
        long deadlineMs = System.currentTimeMillis() + TIMEOUT_MS;
        Append append = new Append(
                Append.Origin.CLIENT, ACKS_ALL, deadlineMs, List.of(new Append.Part(key, ANY_EPOCH, batch.buffer())));
        return logs.ask(key, append).map(reply -> reply.results().get(0));
    }

    /** Where a record goes that comes by a session: the same way whenever it is sent again. @param seq spreads those without a key */
    public static int partition(TopicImage topic, NewRecord record, long seq) {
        if (record.partition() != NewRecord.ANY_PARTITION) {
            return record.partition();
        }
        int count = topic.partitions().size();
        byte[] key = record.key();
        return key == null ? Math.floorMod(seq, count) : Utils.toPositive(Utils.murmur2(key)) % count;
    }

    private int partition(TopicImage topic, NewRecord record) {
        return partition(topic, record, record.key() == null ? next++ : 0);
    }

    private Future<?> send(TopicImage topic, Batch batch, Result[] results) {
        PartitionKey key = PartitionKey.of(topic, batch.partition);
        return append(key, MemoryRecords.withRecords(Compression.NONE, simple(batch.records)))
                .otherwise(lost -> Append.Result.refused(Errors.NOT_LEADER_OR_FOLLOWER))
                .onSuccess(result -> batch.fill(result, results));
    }

    private static SimpleRecord[] simple(List<NewRecord> records) {
        long nowMs = System.currentTimeMillis();
        return records.stream().map(record -> simple(record, nowMs)).toArray(SimpleRecord[]::new);
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
                        : Result.refused(partition, ErrorCode.of(result.error()), text(result));
            }
        }
    }
}
