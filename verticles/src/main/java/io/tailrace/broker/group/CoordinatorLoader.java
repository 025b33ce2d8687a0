// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.group;

import io.tailrace.broker.bus.Bus;
import io.tailrace.broker.bus.BusException;
import io.tailrace.cluster.bus.ByteBudget;
import io.tailrace.cluster.bus.Isolation;
import io.tailrace.cluster.bus.ListOffsets;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.bus.Read;
import io.tailrace.cluster.bus.ReadGate;
import io.tailrace.cluster.coordinator.Batch;
import io.tailrace.cluster.coordinator.CoordinatorEvent;
import io.tailrace.cluster.coordinator.CoordinatorRecordCodec;
import io.tailrace.log.LogRead;
import io.tailrace.log.LogSlice;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;

/**
 * Reads a coordinator partition from its start to the end that the log had when the reading began.
 *
 * <p>One bounded part at a time: the next is read when the last was taken in, so that a large partition needs no more memory than a small
 * one. The bound gives way to a single batch that is larger, or the loader would never get past it (KAFKA-7286). Compaction leaves gaps; the
 * offset to read on from comes from the log, never from counting (KAFKA-9065). Reads stop at the high watermark and wait there: what is
 * above it may still be taken back.
 *
 * <p>File reads and decoding run on a worker thread; parts are handed over on the context.
 */
final class CoordinatorLoader {

    private static final int PART_BYTES = 1 << 20;
    private static final long WAIT_MS = 10_000;

    private final Bus bus;
    private final Context context;
    private final CoordinatorRecordCodec codec;
    private final PartitionKey partition;
    private final int leaderEpoch;
    private final Consumer<List<CoordinatorEvent.Entry>> part;

    CoordinatorLoader(
            Bus bus,
            Context context,
            CoordinatorRecordCodec codec,
            PartitionKey partition,
            int leaderEpoch,
            Consumer<List<CoordinatorEvent.Entry>> part) {
        this.bus = bus;
        this.context = context;
        this.codec = codec;
        this.partition = partition;
        this.leaderEpoch = leaderEpoch;
        this.part = part;
    }

    /** Reads all; completes with NONE or with why it could not. Never fails. */
    Future<Errors> load() {
        return offset(Isolation.READ_UNCOMMITTED, -2)
                .compose(start -> offset(Isolation.LOG_END, -1).compose(end -> readFrom(start, end)))
                .map(Errors.NONE)
                .otherwise(CoordinatorLoader::errorOf);
    }

    private Future<Long> offset(Isolation isolation, long timestamp) {
        var asked = new ListOffsets(isolation, List.of(new ListOffsets.Part(partition, leaderEpoch, timestamp)));
        return bus.ask(bus.shardOf(partition), asked).compose(reply -> {
            ListOffsets.Result result = reply.results().get(0);
            return result.error() == Errors.NONE
                    ? Future.succeededFuture(result.offset())
                    : Future.failedFuture(new LoadException(result.error()));
        });
    }

    private Future<Void> readFrom(long offset, long endOffset) {
        if (offset >= endOffset) {
            return Future.succeededFuture();
        }
        Read read = new Read(
                Isolation.READ_UNCOMMITTED,
                System.currentTimeMillis() + WAIT_MS,
                new ReadGate(1),
                new ByteBudget(PART_BYTES),
                List.of(new Read.Part(partition, offset, PART_BYTES, leaderEpoch, -1)));
        return bus.ask(bus.shardOf(partition), read).compose(reply -> {
            Read.Result result = reply.results().get(0);
            if (result.error() != Errors.NONE) {
                result.records().release();
                return Future.failedFuture(new LoadException(result.error()));
            }
            if (result.records().isEmpty()) {
                result.records().release();
                // Nothing is left below the high watermark: compaction took the last records, or replicas are behind.
                return result.highWatermark() >= endOffset ? Future.succeededFuture() : readFrom(offset, endOffset);
            }
            long next = result.records().endOffset();
            return context.executeBlocking(() -> decode(result.records(), offset))
                    .compose(entries -> {
                        part.accept(entries);
                        return readFrom(next, endOffset);
                    });
        });
    }

    /** Takes the records over and releases them. */
    private List<CoordinatorEvent.Entry> decode(LogRead.Records found, long fromOffset) {
        ByteBuffer bytes = ByteBuffer.allocate(found.sizeBytes());
        try {
            for (LogSlice slice : found.slices()) {
                slice.copyTo(bytes);
            }
        } finally {
            found.release();
        }
        List<CoordinatorEvent.Entry> entries = new ArrayList<>();
        for (MutableRecordBatch batch :
                MemoryRecords.readableRecords(bytes.flip()).batches()) {
            long producerId = batch.isTransactional() ? batch.producerId() : Batch.NO_PRODUCER_ID;
            for (Record record : batch) {
                if (record.offset() < fromOffset) {
                    continue;
                }
                if (batch.isControlBatch()) {
                    marker(batch, record, entries);
                } else if (record.hasKey()) {
                    codec.decode(record.key(), record.hasValue() ? record.value() : null)
                            .ifPresent(read -> entries.add(new CoordinatorEvent.Stored(read, producerId)));
                }
            }
        }
        return entries;
    }

    private static void marker(MutableRecordBatch batch, Record record, List<CoordinatorEvent.Entry> entries) {
        ControlRecordType type = ControlRecordType.parse(record.key());
        if (type == ControlRecordType.COMMIT || type == ControlRecordType.ABORT) {
            boolean committed = EndTransactionMarker.deserialize(record).controlType() == ControlRecordType.COMMIT;
            entries.add(new CoordinatorEvent.Marked(batch.producerId(), batch.producerEpoch(), committed));
        }
    }

    private static Errors errorOf(Throwable failure) {
        return failure instanceof LoadException load ? load.error : BusException.errorOf(failure);
    }

    /** An outcome, without a stack trace. */
    private static final class LoadException extends RuntimeException {
        private final transient Errors error;

        LoadException(Errors error) {
            super(error.name(), null, false, false);
            this.error = error;
        }
    }
}
