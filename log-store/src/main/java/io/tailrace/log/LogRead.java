// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import java.util.List;

/** What a {@link PartitionLog#read} found. */
public sealed interface LogRead {

    /**
     * Whole batches in offset order. The caller {@link #release}s it exactly once, when the bytes have left.
     *
     * @param slices in order; empty when nothing lies in the range, or when not even one batch fits
     * @param sizeBytes of all slices
     * @param baseOffset of the first batch: at or below the offset asked for, as a batch is never split; the offset asked for
     *     when there is nothing
     * @param endOffset exclusive: where to read on
     */
    record Records(List<LogSlice> slices, int sizeBytes, long baseOffset, long endOffset) implements LogRead {
        public Records {
            slices = List.copyOf(slices);
        }

        public static Records empty(long offset) {
            return new Records(List.of(), 0, offset, offset);
        }

        public boolean isEmpty() {
            return sizeBytes == 0;
        }

        public void release() {
            slices.forEach(LogSlice::release);
        }
    }

    /** The offset lies outside {@code [logStartOffset, logEndOffset]}. Nothing to release. */
    record OutOfRange(long offset, long logStartOffset, long logEndOffset) implements LogRead {}

    /** The log is offline, or became so by this read. Nothing to release. */
    record Unavailable(String reason) implements LogRead {}
}
