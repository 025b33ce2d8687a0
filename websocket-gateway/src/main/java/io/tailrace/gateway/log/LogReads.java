// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.log;

import io.tailrace.cluster.bus.ByteBudget;
import io.tailrace.cluster.bus.Isolation;
import io.tailrace.cluster.bus.ListOffsets;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.bus.Read;
import io.tailrace.cluster.bus.ReadGate;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.gateway.session.Chunk;
import io.tailrace.gateway.session.Credit;
import io.tailrace.gateway.session.Position;
import io.tailrace.gateway.session.ReadOutcome;
import io.tailrace.gateway.session.Start;
import io.tailrace.gateway.session.SubscriptionEvent;
import io.tailrace.gateway.wire.BacklogDecoder;
import io.tailrace.gateway.wire.BacklogDecoder.Reader;
import io.tailrace.gateway.wire.ConflatingDecoder;
import io.tailrace.gateway.wire.Interests;
import io.tailrace.gateway.wire.SharedDecoder;
import io.tailrace.gateway.wire.View;
import io.tailrace.log.LogRead;
import io.tailrace.log.LogSlice;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads of one event loop: committed records only. Those who are behind wait in a {@link Backlog}; those at the end share a
 * {@link Tail}.
 *
 * <p>Bytes are copied out of files, unpacked and encoded on a worker.
 */
public final class LogReads {

    private static final Logger LOG = LoggerFactory.getLogger(LogReads.class);

    /** What one read for several, or for one who wants little of it, brings at most; the first batch comes whole. */
    private static final int SHARED_BYTES = 256 * 1024;

    /** What one read for the latest of each key looks at: most of it is left out. */
    private static final int CONFLATED_BYTES = 512 * 1024;

    private static final int NO_LEADER_EPOCH = -1;
    private static final int LEAST_BYTES = 4096;

    private final LogShards logs;
    private final MetadataView metadata;
    private final WorkerExecutor workers;
    private final Backlog backlog;

    /** @param later runs a task on this event loop when others have had their turn */
    public LogReads(LogShards logs, MetadataView metadata, WorkerExecutor workers, Executor later) {
        this.logs = logs;
        this.metadata = metadata;
        this.workers = workers;
        this.backlog = new Backlog(this::readTogether, later);
    }

    /**
     * How a subscriber wants what is read.
     *
     * @param latestPerKey whether earlier records of a key are left out
     */
    public record Form(View view, boolean latestPerKey) {}

    /**
     * Reads what is there, without waiting for more.
     *
     * @param wanted asked when the turn has come; false gives {@link ReadOutcome.Skipped}
     * @return never fails
     */
    public Future<ReadOutcome<Buffer>> read(
            PartitionKey partition, Position position, Credit.Grant grant, Form form, BooleanSupplier wanted) {
        return backlog.read(partition, new Reader(form.view, position, grant), form.latestPerKey, wanted);
    }

    private Future<Map<Reader, ReadOutcome<Buffer>>> readTogether(PartitionKey partition, Backlog.Group group) {
        Reader first = group.first();
        return ask(partition, first.from(), new ReadGate(1), 0, bytesFor(group))
                .compose(result -> {
                    ReadOutcome<Buffer> none = withoutRecords(partition, result);
                    return none == null
                            ? decodeTogether(partition, group, result)
                            : Future.succeededFuture(atItsPlace(group, none));
                })
                .otherwise(failure -> atItsPlace(group, unavailable(partition, failure)));
    }

    /** What is not shown costs nobody's credit, and little of anything else: the more of it at once, the better. */
    private static int bytesFor(Backlog.Group group) {
        boolean shared =
                group.readers().size() > 1 || !group.first().view().filter().isAll();
        int granted = Math.max(LEAST_BYTES, group.first().grant().bytes());
        return group.latestPerKey() ? CONFLATED_BYTES : shared ? Math.max(SHARED_BYTES, granted) : granted;
    }

    /** An answer about a place in the log, and not about what is there, is for those who stand there. */
    private static Map<Reader, ReadOutcome<Buffer>> atItsPlace(Backlog.Group group, ReadOutcome<Buffer> outcome) {
        Map<Reader, ReadOutcome<Buffer>> outcomes = new HashMap<>();
        for (Reader reader : group.readers()) {
            if (reader.from().equals(group.first().from())) {
                outcomes.put(reader, outcome);
            }
        }
        return outcomes;
    }

    /** Decodes on a worker and releases the result's records, whatever happens. */
    private Future<Map<Reader, ReadOutcome<Buffer>>> decodeTogether(
            PartitionKey partition, Backlog.Group group, Read.Result result) {
        List<Read.AbortedTransaction> aborted = result.aborted() == null ? List.of() : result.aborted();
        return workers.executeBlocking(
                        () -> {
                            ByteBuffer batches = copyAndRelease(result.records());
                            return group.latestPerKey()
                                    ? conflate(partition, group.first(), aborted, batches)
                                    : BacklogDecoder.decode(
                                            partition,
                                            group.readers(),
                                            group.first().from(),
                                            aborted,
                                            batches);
                        },
                        false)
                .map(pass -> outcomes(group, pass, result.lastStableOffset()));
    }

    private static BacklogDecoder.Pass conflate(
            PartitionKey partition, Reader reader, List<Read.AbortedTransaction> aborted, ByteBuffer batches) {
        List<Chunk<Buffer>> chunks =
                new ConflatingDecoder(partition, reader.view(), reader.from(), reader.grant(), aborted).decode(batches);
        return chunks.isEmpty()
                ? new BacklogDecoder.Pass(reader.from(), Map.of())
                : new BacklogDecoder.Pass(chunks.get(0).next(), Map.of(reader, chunks.get(0)));
    }

    private static Map<Reader, ReadOutcome<Buffer>> outcomes(
            Backlog.Group group, BacklogDecoder.Pass pass, long visibleEnd) {
        if (pass.next().offset() <= group.first().from().offset()) {
            // Bytes that hold nothing of what was asked for: no reason to ask again at once.
            return atItsPlace(group, new ReadOutcome.Unavailable<>());
        }
        Map<Reader, ReadOutcome<Buffer>> outcomes = new HashMap<>();
        pass.chunks().forEach((reader, chunk) -> outcomes.put(reader, new ReadOutcome.Found<>(chunk, visibleEnd)));
        return outcomes;
    }

    private Future<Read.Result> ask(
            PartitionKey partition, Position position, ReadGate gate, long deadlineMs, int maxBytes) {
        return ask(logs, partition, position, gate, deadlineMs, maxBytes);
    }

    /** One read of the log. The result's records are the caller's to release. */
    static Future<Read.Result> ask(
            LogShards logs, PartitionKey partition, Position position, ReadGate gate, long deadlineMs, int maxBytes) {
        Read.Part part = new Read.Part(partition, position.offset(), maxBytes, NO_LEADER_EPOCH, position.leaderEpoch());
        Read read = new Read(Isolation.READ_COMMITTED, deadlineMs, gate, new ByteBudget(maxBytes), List.of(part));
        return logs.ask(partition, read).map(reply -> reply.results().get(0));
    }

    /** Decodes for all that are interested, and releases the result's records, whatever happens. Blocks: for a worker. */
    static SharedDecoder.Pass decodeForAll(
            PartitionKey partition, Position position, Credit.Grant chunk, Interests interests, Read.Result result) {
        List<Read.AbortedTransaction> aborted = result.aborted() == null ? List.of() : result.aborted();
        ByteBuffer batches = copyAndRelease(result.records());
        return new SharedDecoder(partition, interests, position, chunk, aborted).decode(batches);
    }

    private static ByteBuffer copyAndRelease(LogRead.Records records) {
        try {
            ByteBuffer copy = ByteBuffer.allocate(records.sizeBytes());
            for (LogSlice slice : records.slices()) {
                slice.copyTo(copy);
            }
            return copy.flip();
        } finally {
            records.release();
        }
    }

    /** What a result without records means; null if it has some. */
    @org.jspecify.annotations.Nullable
    ReadOutcome<Buffer> withoutRecords(PartitionKey partition, Read.Result result) {
        if (result.error() == Errors.OFFSET_OUT_OF_RANGE) {
            return new ReadOutcome.OutOfRange<>(result.logStartOffset(), result.highWatermark());
        }
        if (result.error() != Errors.NONE) {
            return refused(partition);
        }
        if (result.diverging() != null) {
            result.records().release();
            return new ReadOutcome.Diverged<>(
                    result.diverging().epoch(), result.diverging().endOffset());
        }
        return result.records().isEmpty() ? new ReadOutcome.AtEnd<>() : null;
    }

    private ReadOutcome<Buffer> refused(PartitionKey partition) {
        return metadata.image().topicNames().containsKey(partition.topicId())
                ? new ReadOutcome.Unavailable<>()
                : new ReadOutcome.Gone<>();
    }

    static ReadOutcome<Buffer> unavailable(PartitionKey partition, Throwable failure) {
        LOG.warn("a read failed; topic={} partition={}", partition.topic(), partition.partition(), failure);
        return new ReadOutcome.Unavailable<>();
    }

    /** Finds where a start is. Never fails. */
    public Future<SubscriptionEvent<Buffer>> locate(PartitionKey partition, Start start) {
        return switch (start) {
            case Start.At at -> Future.succeededFuture(located(partition, at.position()));
            case Start.Earliest it -> offset(partition, ListOffsetsRequest.EARLIEST_TIMESTAMP);
            case Start.Latest it -> offset(partition, ListOffsetsRequest.LATEST_TIMESTAMP);
            case Start.Timestamp it -> offset(partition, it.timestampMs());
            case Start.AfterReplacement it ->
                offset(partition, it.timestampMs() < 0 ? ListOffsetsRequest.EARLIEST_TIMESTAMP : it.timestampMs() + 1);
        };
    }

    private Future<SubscriptionEvent<Buffer>> offset(PartitionKey partition, long timestamp) {
        ListOffsets.Part part = new ListOffsets.Part(partition, NO_LEADER_EPOCH, timestamp);
        return logs.ask(partition, new ListOffsets(Isolation.READ_COMMITTED, List.of(part)))
                .map(reply -> reply.results().get(0))
                .compose(result -> {
                    if (result.error() != Errors.NONE) {
                        return Future.succeededFuture(notLocated(partition, refused(partition)));
                    }
                    return result.offset() >= 0 || timestamp == ListOffsetsRequest.LATEST_TIMESTAMP
                            ? Future.succeededFuture(located(partition, Position.at(Math.max(0, result.offset()))))
                            : offset(partition, ListOffsetsRequest.LATEST_TIMESTAMP); // nothing as young as that
                })
                .otherwise(failure -> notLocated(partition, unavailable(partition, failure)));
    }

    private static SubscriptionEvent<Buffer> located(PartitionKey partition, Position position) {
        return new SubscriptionEvent.Located<>(partition.partition(), position);
    }

    private static SubscriptionEvent<Buffer> notLocated(PartitionKey partition, ReadOutcome<Buffer> why) {
        return new SubscriptionEvent.NotLocated<>(partition.partition(), why);
    }
}
