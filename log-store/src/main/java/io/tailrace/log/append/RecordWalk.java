// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.append;

import io.tailrace.log.append.PreparedAppend.Rejected;
import io.tailrace.protocol.record.RecordBatchView;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.CloseableIterator;
import org.jspecify.annotations.Nullable;

/** Goes through the records of one untrusted batch within {@link DecompressionLimits}. */
final class RecordWalk {

    /** Who is shown the records. */
    @FunctionalInterface
    interface Visitor {
        void accept(MutableRecordBatch batch, Record record);
    }

    private RecordWalk() {}

    /**
     * Shows each record to {@code visitor}.
     *
     * @param skippingValues whether keys and values of compressed records need not be materialised
     * @return null once all were shown, or why the batch cannot be read
     */
    static @Nullable Rejected over(
            RecordBatchView view,
            AppendTerms terms,
            DecompressionLimits limits,
            boolean skippingValues,
            Visitor visitor) {
        int maxRecordBytes = limits.maxRecordBytes(terms.config().records().maxDecompressedRecordBytes());
        int compressedBytes = view.sizeInBytes();
        MutableRecordBatch batch =
                MemoryRecords.readableRecords(view.slice()).batches().iterator().next();
        try (CloseableIterator<Record> records = skippingValues
                ? batch.skipKeyValueIterator(BufferSupplier.NO_CACHING, maxRecordBytes)
                : batch.streamingIterator(BufferSupplier.NO_CACHING, maxRecordBytes)) {
            long bytes = 0;
            while (records.hasNext()) {
                Record record = records.next();
                bytes += record.sizeInBytes();
                if (batch.isCompressed() && limits.exceeded(bytes, compressedBytes)) {
                    return Rejected.of(
                            Errors.INVALID_RECORD,
                            "the batch of " + compressedBytes + " bytes decompresses to more than is allowed");
                }
                visitor.accept(batch, record);
            }
            return null;
        } catch (RuntimeException e) {
            // A stranger's bytes go through five decompressors, each with exceptions of its own: all mean bytes that
            // are no
            // records. The CRC matched, so sending them again would not help.
            return Rejected.of(Errors.INVALID_RECORD, "the records of the batch cannot be read: " + e.getMessage());
        }
    }
}
