// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.producer;

import io.tailrace.protocol.record.RecordBatchView;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.jspecify.annotations.Nullable;

/**
 * The end of a transaction as it lies in a control batch: one record with the key {@code version int16, type int16} and the
 * value {@code version int16, coordinator epoch int32}.
 *
 * @param aborted or committed
 * @param coordinatorEpoch of the coordinator that decided
 * @param timestamp of the record, ms
 */
public record TransactionMarker(boolean aborted, int coordinatorEpoch, long timestamp) {

    private static final short ABORT = 0;
    private static final short COMMIT = 1;

    /**
     * Reads the marker of a control batch that has passed its checks.
     *
     * @return null if the batch is empty (compaction took the marker) or of a kind that ends no transaction
     */
    public static @Nullable TransactionMarker read(RecordBatchView batch) {
        if (batch.recordCount() == 0) {
            return null;
        }
        for (MutableRecordBatch control :
                MemoryRecords.readableRecords(batch.slice()).batches()) {
            for (Record record : control) {
                return read(record);
            }
        }
        return null;
    }

    private static @Nullable TransactionMarker read(Record record) {
        ByteBuffer key = record.key();
        ByteBuffer value = record.value();
        if (key == null || key.remaining() < 4) {
            return null;
        }
        short type = key.getShort(key.position() + 2);
        if (type != ABORT && type != COMMIT) {
            return null;
        }
        if (value == null || value.remaining() < 6) {
            throw new IllegalArgumentException(
                    "transaction marker without a coordinator epoch", new BufferUnderflowException());
        }
        return new TransactionMarker(type == ABORT, value.getInt(value.position() + 2), record.timestamp());
    }
}
