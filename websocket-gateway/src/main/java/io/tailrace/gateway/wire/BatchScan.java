// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import io.tailrace.cluster.bus.Read.AbortedTransaction;
import io.tailrace.gateway.session.Position;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.CloseableIterator;

/**
 * Goes through stored batches and shows what is for readers of committed records: decompresses, leaves out what lies before the position,
 * transaction markers, and records of aborted transactions.
 *
 * <p>Decompression goes record by record, so that a small batch that unpacks to gigabytes costs no more than what is looked at. For one use,
 * on a worker.
 */
final class BatchScan {

    private final Committed committed;
    private Position position;

    /** @param aborted as told by the read */
    BatchScan(Position from, List<AbortedTransaction> aborted) {
        this.position = from;
        this.committed = new Committed(aborted);
    }

    /** Is shown records in offset order. */
    interface Visitor {

        /** False to stop before this record. */
        boolean visit(Record record);
    }

    /** Behind the last record that was taken, and behind what is for nobody after it. */
    Position position() {
        return position;
    }

    /** False if the visitor stopped. */
    boolean run(ByteBuffer batches, Visitor visitor) {
        for (RecordBatch batch : MemoryRecords.readableRecords(batches).batches()) {
            if (batch.lastOffset() < position.offset()) {
                continue;
            }
            if (!committed.hides(batch) && !run(batch, visitor)) {
                return false;
            }
            position = new Position(batch.nextOffset(), batch.partitionLeaderEpoch());
        }
        return true;
    }

    private boolean run(RecordBatch batch, Visitor visitor) {
        int epoch = batch.partitionLeaderEpoch();
        try (CloseableIterator<Record> records = batch.streamingIterator(BufferSupplier.create())) {
            while (records.hasNext()) {
                Record record = records.next();
                if (record.offset() >= position.offset()) {
                    if (!visitor.visit(record)) {
                        return false;
                    }
                    position = new Position(record.offset() + 1, epoch);
                }
            }
        }
        return true;
    }
}
