// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.segment;

import io.tailrace.log.segment.OpenFiles.Handle;

/**
 * From which offset on a segment holds records of a time or later, roughly. Kafka's {@code .timeindex}.
 *
 * <pre>
 *  at  size  field
 *   0     8  a timestamp, ms since 1970: the greatest in the segment up to the offset
 *   8     4  last offset of the batch that has it, less the segment's base offset
 * </pre>
 *
 * Both rise from entry to entry.
 */
final class TimeIndex {

    static final int ENTRY_BYTES = 12;

    private final long baseOffset;
    private final IndexFile file;

    TimeIndex(long baseOffset, Handle handle, IndexPage page, long sizeBytes) {
        this.baseOffset = baseOffset;
        this.file = new IndexFile(handle, ENTRY_BYTES, page, sizeBytes);
    }

    IndexFile file() {
        return file;
    }

    /** Adds an entry if its timestamp is above the last one's. */
    void maybeAppend(long timestampMs, long lastOffset) {
        int count = file.count();
        if (timestampMs >= 0
                && (count == 0 || (timestampMs > timestampAt(count - 1) && lastOffset > offsetAt(count - 1)))) {
            file.add().putLong(timestampMs).putInt((int) (lastOffset - baseOffset));
        }
    }

    long timestampAt(int entry) {
        return file.longAt(entry, 0);
    }

    long offsetAt(int entry) {
        return baseOffset + file.intAt(entry, 8);
    }

    /** The greatest entry whose timestamp is below {@code timestampMs}, or -1: nothing up to its offset is as late. */
    int below(long timestampMs) {
        return Bisection.first(file.count(), entry -> timestampAt(entry) >= timestampMs) - 1;
    }

    /** How many entries lie below {@code offset}. */
    int countBelow(long offset) {
        return Bisection.first(file.count(), entry -> offsetAt(entry) >= offset);
    }

    boolean isPlausible() {
        int last = file.count() - 1;
        return last < 0 || (offsetAt(last) >= baseOffset && timestampAt(last) >= 0);
    }
}
