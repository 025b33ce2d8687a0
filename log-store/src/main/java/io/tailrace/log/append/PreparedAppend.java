// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.append;

import io.tailrace.log.AppendResult.RecordError;
import io.tailrace.protocol.record.BatchVerdict;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/** What {@link AppendPreparation#prepare} made of a buffer. */
public sealed interface PreparedAppend {

    /**
     * Sound, complete and assigned: to be written as it is.
     *
     * @param batches from position to limit; the buffer that was given, or a new one if the topic's compression differs
     * @param firstOffset of the first record
     * @param lastOffset of the last record, inclusive
     * @param maxTimestamp the greatest of all batches, ms, or -1
     * @param offsetOfMaxTimestamp last offset of the first batch that has it: what the time index takes
     * @param batchCount at least 1
     * @param logAppendTimeMs what the broker stamped, or -1 if the producer's timestamps stand
     */
    record Ready(
            ByteBuffer batches,
            long firstOffset,
            long lastOffset,
            long maxTimestamp,
            long offsetOfMaxTimestamp,
            int batchCount,
            long logAppendTimeMs)
            implements PreparedAppend {

        /** The log end offset after the append. */
        public long endOffset() {
            return lastOffset + 1;
        }
    }

    /**
     * Replicated batches that do not continue this log: they begin below its end, or go back.
     *
     * @param expectedOffset the least offset that would do
     * @param firstOffset of the batch out of place
     * @param lastOffset of that batch, inclusive
     */
    record OutOfPlace(long expectedOffset, long firstOffset, long lastOffset) implements PreparedAppend {}

    /**
     * Not to be appended.
     *
     * @param error Kafka's code
     * @param message for the client
     * @param recordErrors the records at fault, where it is single ones (KIP-467)
     */
    record Rejected(Errors error, String message, List<RecordError> recordErrors) implements PreparedAppend {

        public Rejected {
            recordErrors = List.copyOf(recordErrors);
        }

        static Rejected of(Errors error, String message) {
            return new Rejected(error, message, List.of());
        }

        static Rejected of(BatchVerdict verdict) {
            return of(verdict.error(), verdict.message());
        }
    }
}
