// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.segment;

import io.tailrace.log.segment.OpenFiles.Handle;

/**
 * Where in a segment an offset lies, roughly: an entry about every {@code index.interval.bytes}. Kafka's {@code .index}.
 *
 * <pre>
 *  at  size  field
 *   0     4  last offset of a batch, less the segment's base offset
 *   4     4  position of that batch's first byte in the segment
 * </pre>
 *
 * Both rise from entry to entry. Whoever looks for an offset takes the greatest entry that is not above it and reads headers
 * from there: the batch at the entry ends at or before the offset, so the one looked for is that batch or a later one.
 */
final class OffsetIndex {

    static final int ENTRY_BYTES = 8;

    private final long baseOffset;
    private final IndexFile file;

    OffsetIndex(long baseOffset, Handle handle, IndexPage page, long sizeBytes) {
        this.baseOffset = baseOffset;
        this.file = new IndexFile(handle, ENTRY_BYTES, page, sizeBytes);
    }

    IndexFile file() {
        return file;
    }

    void append(long lastOffset, long position) {
        file.add().putInt((int) (lastOffset - baseOffset)).putInt((int) position);
    }

    long offsetAt(int entry) {
        return baseOffset + file.intAt(entry, 0);
    }

    int positionAt(int entry) {
        return file.intAt(entry, 4);
    }

    /** The greatest entry whose offset is at most {@code offset}, or -1. */
    int floorOffset(long offset) {
        return Bisection.first(file.count(), entry -> offsetAt(entry) > offset) - 1;
    }

    /** The greatest entry whose position is at most {@code position}, or -1. */
    int floorPosition(long position) {
        return Bisection.first(file.count(), entry -> positionAt(entry) > position) - 1;
    }

    /** Whether the last entry can be true of a segment of that size; a cheap test that catches a foreign or torn file. */
    boolean isPlausible(long segmentBytes) {
        int last = file.count() - 1;
        return last < 0 || (offsetAt(last) >= baseOffset && positionAt(last) > 0 && positionAt(last) < segmentBytes);
    }
}
