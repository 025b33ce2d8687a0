// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.segment;

import io.tailrace.log.disk.DiskFile;
import io.tailrace.log.disk.StorageException;
import io.tailrace.log.disk.StorageException.Kind;
import io.tailrace.log.segment.OpenFiles.Handle;
import io.tailrace.protocol.record.RecordBatchView;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A run of a log in one file, with the sparse indexes that lead into it.
 *
 * <p>Invariants: every batch in {@code [0, sizeBytes)} is whole; their offsets rise, from {@code baseOffset} up to {@code
 * endOffset}; an index entry exists only for bytes that are in the file. A new segment has no file before its first append.
 *
 * <p>Positions are ints, as in the index and in Kafka: a segment rolls before it outgrows them.
 */
public final class Segment {

    /** Of an index that is made anew while its log is in use; Kafka's default. */
    private static final int REBUILD_INTERVAL_BYTES = 4096;

    private final Workbench bench;
    private final long baseOffset;
    private final Handle log;
    private final OffsetIndex offsets;
    private final TimeIndex times;
    private final AbortedIndex aborted;
    private final PositionHints hints = new PositionHints();

    private boolean exists;
    private long sizeBytes;
    private long endOffset;
    private long firstTimestampMs = -1;
    private long maxTimestampMs = -1;
    private long maxTimestampOffset = -1;
    private int bytesSinceIndexEntry;

    /** A segment that is not on disk yet. */
    public static Segment create(Workbench bench, Path directory, long baseOffset) {
        return new Segment(bench, directory, baseOffset, -1, -1, -1, false);
    }

    /** A segment that is on disk. Its size counts as it is; its end is unknown until it is scanned or {@link #believe}d. */
    public static Segment existing(Workbench bench, SegmentListing listing, long baseOffset) {
        return new Segment(
                bench,
                listing.directory(),
                baseOffset,
                listing.sizeBytes(baseOffset, SegmentFiles.LOG),
                listing.sizeBytes(baseOffset, SegmentFiles.OFFSET_INDEX),
                listing.sizeBytes(baseOffset, SegmentFiles.TIME_INDEX),
                listing.sizeBytes(baseOffset, SegmentFiles.TRANSACTION_INDEX) >= 0);
    }

    private Segment(
            Workbench bench,
            Path directory,
            long baseOffset,
            long sizeBytes,
            long offsetIndexBytes,
            long timeIndexBytes,
            boolean hasAbortedIndex) {
        var files = bench.files();
        this.bench = bench;
        this.baseOffset = baseOffset;
        this.endOffset = baseOffset;
        this.exists = sizeBytes >= 0;
        this.sizeBytes = Math.max(0, sizeBytes);
        this.log = files.handle(directory.resolve(SegmentFiles.name(baseOffset, SegmentFiles.LOG)));
        this.offsets = new OffsetIndex(
                baseOffset,
                files.handle(directory.resolve(SegmentFiles.name(baseOffset, SegmentFiles.OFFSET_INDEX))),
                bench.indexPage(),
                offsetIndexBytes);
        this.times = new TimeIndex(
                baseOffset,
                files.handle(directory.resolve(SegmentFiles.name(baseOffset, SegmentFiles.TIME_INDEX))),
                bench.indexPage(),
                timeIndexBytes);
        this.aborted = new AbortedIndex(
                files.handle(directory.resolve(SegmentFiles.name(baseOffset, SegmentFiles.TRANSACTION_INDEX))),
                baseOffset,
                hasAbortedIndex);
    }

    public long baseOffset() {
        return baseOffset;
    }

    /** Exclusive. */
    public long endOffset() {
        return endOffset;
    }

    public long sizeBytes() {
        return sizeBytes;
    }

    /** The greatest timestamp of its batches, or -1. */
    public long maxTimestampMs() {
        return maxTimestampMs;
    }

    /** The last offset of the batch that has the greatest timestamp; -1 if there is none. */
    public long maxTimestampOffset() {
        return maxTimestampOffset;
    }

    public AbortedIndex aborted() {
        return aborted;
    }

    Handle log() {
        return log;
    }

    OffsetIndex offsets() {
        return offsets;
    }

    TimeIndex times() {
        return times;
    }

    /** Whether the file is there: not so for a new segment nothing was appended to. */
    public boolean exists() {
        return exists;
    }

    /** The timestamp that time-based rolling counts from: that of the first batch; -1 if there is none. */
    public long firstTimestampMs() {
        if (firstTimestampMs < 0 && sizeBytes > 0) {
            BatchCursor cursor = bench.cursor();
            cursor.start(log, 0, sizeBytes);
            firstTimestampMs = cursor.next() ? cursor.batch().maxTimestamp() : -1;
        }
        return firstTimestampMs;
    }

    /**
     * Writes whole batches with one gathering write, then indexes them. If the write fails, the segment is as before but for
     * undefined bytes behind its end.
     *
     * @param buffers each from position 0 to its limit; consumed
     * @param bytes the sum of their limits
     */
    void append(ByteBuffer[] buffers, int count, int bytes, int indexIntervalBytes) {
        DiskFile file = exists ? log.use() : log.create();
        exists = true;
        file.write(buffers, count, sizeBytes);
        hints.add(endOffset, sizeBytes);
        RecordBatchView view = bench.view();
        for (int i = 0; i < count; i++) {
            view.over(buffers[i], 0, buffers[i].limit());
            while (view.next()) {
                index(view, indexIntervalBytes);
            }
        }
        view.clear();
    }

    /** Takes in the batch that lies at the end of what is taken in so far. */
    void index(RecordBatchView batch, int indexIntervalBytes) {
        if (batch.maxTimestamp() > maxTimestampMs && batch.recordCount() > 0) { // compaction leaves headers alone
            maxTimestampMs = batch.maxTimestamp();
            maxTimestampOffset = batch.lastOffset();
        }
        if (sizeBytes == 0) {
            firstTimestampMs = batch.maxTimestamp();
        }
        if (bytesSinceIndexEntry > indexIntervalBytes) {
            offsets.append(batch.lastOffset(), sizeBytes);
            times.maybeAppend(maxTimestampMs, maxTimestampOffset);
            bytesSinceIndexEntry = 0;
        }
        int size = batch.sizeInBytes();
        sizeBytes += size;
        bytesSinceIndexEntry += size;
        endOffset = batch.nextOffset();
    }

    /**
     * Where the first batch starts that ends above {@code offset}: the one that contains it, if one does. {@code sizeBytes} if
     * none does. The cursor is left on it.
     */
    long positionOf(long offset) {
        return healing(() -> find(offset));
    }

    /** Does a search; if the indexes led it astray, makes them anew and does it again. */
    private <T> T healing(Supplier<T> search) {
        try {
            return search.get();
        } catch (StorageException e) {
            if (e.kind() != Kind.CORRUPT) {
                throw e;
            }
            rebuildIndexes(REBUILD_INTERVAL_BYTES); // if the segment itself is damaged, this says so
            return search.get();
        }
    }

    private long find(long offset) {
        if (offset >= endOffset) {
            return sizeBytes;
        }
        int entry = offsets.floorOffset(offset);
        long position = entry < 0 ? 0 : offsets.positionAt(entry);
        long hint = hints.floor(offset);
        boolean byIndex = hint <= position;
        BatchCursor cursor = bench.cursor();
        cursor.start(log, Math.max(position, hint), sizeBytes);
        boolean first = byIndex && entry >= 0;
        while (cursor.next()) {
            if (first && cursor.batch().lastOffset() != offsets.offsetAt(entry)) {
                throw new StorageException(Kind.CORRUPT, "the offset index of " + log.path() + " does not match it");
            }
            first = false;
            if (cursor.batch().lastOffset() >= offset) {
                return cursor.position();
            }
        }
        return sizeBytes;
    }

    /** See {@link Segments#range}; a batch that ends above {@code offset} is known to be here. */
    @Nullable
    SegmentRange range(long offset, int maxBytes, long toExclusive, boolean atLeastOneBatch) {
        return healing(() -> findRange(offset, maxBytes, toExclusive, atLeastOneBatch));
    }

    private @Nullable SegmentRange findRange(long offset, int maxBytes, long toExclusive, boolean atLeastOneBatch) {
        BatchCursor cursor = bench.cursor();
        long start = find(offset);
        long firstEnd = cursor.nextPosition();
        long firstOffset = cursor.batch().baseOffset();
        long firstEndOffset = cursor.batch().nextOffset();
        if (firstEndOffset > toExclusive || (firstEnd - start > maxBytes && !atLeastOneBatch)) {
            return null;
        }
        long end = sizeBytes;
        long nextOffset = endOffset;
        if (toExclusive < endOffset) {
            end = find(toExclusive);
            nextOffset = end < sizeBytes ? Math.min(toExclusive, cursor.batch().baseOffset()) : toExclusive;
        }
        if (end - start > maxBytes) {
            // Whole batches only: from the last index entry below the limit, header by header.
            long limit = Math.max(firstEnd, start + maxBytes);
            int entry = offsets.floorPosition(limit);
            long from = entry < 0 ? 0 : offsets.positionAt(entry);
            boolean beyondFirst = from > start;
            cursor.start(log, beyondFirst ? from : start, end);
            end = beyondFirst ? from : firstEnd;
            nextOffset = firstEndOffset;
            while (cursor.next()) {
                if (cursor.nextPosition() > limit) {
                    nextOffset = cursor.position() == start
                            ? nextOffset
                            : cursor.batch().baseOffset();
                    break;
                }
                end = cursor.nextPosition();
                nextOffset = cursor.batch().nextOffset();
            }
        }
        hints.add(nextOffset, end);
        return new SegmentRange(log.share(), start, (int) (end - start), firstOffset, nextOffset);
    }

    /** The first batch that ends above {@code fromOffset} and whose greatest timestamp is at least {@code timestampMs}. */
    public Optional<BatchHit> firstBatchAtOrAfter(long timestampMs, long fromOffset) {
        return healing(() -> findByTime(timestampMs, fromOffset));
    }

    private Optional<BatchHit> findByTime(long timestampMs, long fromOffset) {
        int entry = times.below(timestampMs);
        // Up to the entry's offset nothing is as late.
        long start = find(entry < 0 ? fromOffset : Math.max(fromOffset, times.offsetAt(entry)));
        BatchCursor cursor = bench.cursor();
        cursor.start(log, start, sizeBytes);
        while (cursor.next()) {
            if (cursor.batch().maxTimestamp() >= timestampMs) {
                RecordBatchView whole = cursor.wholeBatch();
                return Optional.of(new BatchHit(whole.baseOffset(), whole.nextOffset(), whole.buffer()));
            }
        }
        return Optional.empty();
    }

    /** See {@link Segments#walk}. The visitor must not use this log. */
    void walk(long fromOffset, Consumer<RecordBatchView> visitor) {
        long position = positionOf(fromOffset);
        BatchCursor cursor = bench.cursor();
        cursor.start(log, position, sizeBytes);
        while (cursor.next()) {
            visitor.accept(cursor.batch().isControl() ? cursor.wholeBatch() : cursor.batch());
        }
    }

    /**
     * Takes a sealed segment as it is. Its indexes are believed if they are plausible, and made anew otherwise.
     *
     * @param endOffset where the next segment begins
     */
    public void believe(long endOffset, int indexIntervalBytes) {
        if (!hasPlausibleIndexes() || (times.file().count() == 0 && sizeBytes > 0)) {
            rebuildIndexes(indexIntervalBytes);
            seal();
        }
        takeMaxTimestamp();
        this.endOffset = endOffset;
    }

    /** The index entry from which on to check batches, at or before {@code recoveryPoint}; -1 for the segment's start. */
    public int believableEntry(long recoveryPoint) {
        return hasPlausibleIndexes() ? offsets.floorOffset(recoveryPoint - 1) : -1;
    }

    private boolean hasPlausibleIndexes() {
        return offsets.isPlausible(sizeBytes) && times.isPlausible();
    }

    private void takeMaxTimestamp() {
        int last = times.file().count() - 1;
        maxTimestampMs = last < 0 ? -1 : times.timestampAt(last);
        maxTimestampOffset = last < 0 ? -1 : times.offsetAt(last);
    }

    /**
     * Forgets what is known from an index entry's batch on, or all; bytes in the file stay. The entry itself stays: it is not
     * made again when its batch is taken in.
     *
     * @param entry -1 for all
     */
    void rewind(int entry) {
        hints.clear();
        long position = entry < 0 ? 0 : offsets.positionAt(entry);
        offsets.file().truncate(entry + 1);
        times.file().truncate(entry < 0 ? 0 : times.countBelow(offsets.offsetAt(entry) + 1));
        takeMaxTimestamp();
        bytesSinceIndexEntry = 0;
        sizeBytes = position;
        endOffset = baseOffset;
        if (position == 0) {
            firstTimestampMs = -1;
        }
    }

    /** The offset that the batch at an index entry ends with. */
    long lastOffsetAt(int entry) {
        return offsets.offsetAt(entry);
    }

    /** Reads the headers of {@code [0, sizeBytes)} and makes the indexes anew. */
    private void rebuildIndexes(int indexIntervalBytes) {
        long size = sizeBytes;
        long end = endOffset;
        rewind(-1);
        takeIn(size, indexIntervalBytes);
        endOffset = end; // compaction may have taken the last batches
    }

    /** Reads the headers of {@code [sizeBytes, toPosition)} and takes them in. */
    private void takeIn(long toPosition, int indexIntervalBytes) {
        BatchCursor cursor = bench.cursor();
        cursor.start(log, sizeBytes, toPosition);
        while (cursor.next()) {
            index(cursor.batch(), indexIntervalBytes);
        }
    }

    /** Where the segment would end if it were cut at {@code offset}: with the last batch that lies wholly below. */
    long endIfTruncatedTo(long offset) {
        return endBefore(positionOf(offset));
    }

    /** Where the last batch before a position ends; the base offset if there is none. Less than the next one's offset in a compacted log. */
    private long endBefore(long position) {
        int entry = offsets.floorPosition(position - 1);
        BatchCursor cursor = bench.cursor();
        cursor.start(log, entry < 0 ? 0 : offsets.positionAt(entry), position);
        long end = baseOffset;
        while (cursor.next()) {
            end = cursor.batch().nextOffset();
        }
        return end;
    }

    /**
     * Drops the batch that contains {@code offset} and all after it.
     *
     * @return the new end offset, which is what a start would find
     */
    long truncateTo(long offset, int indexIntervalBytes) {
        long position = positionOf(offset);
        long end = endBefore(position);
        if (position < sizeBytes) {
            // From the last index entry on, so that the greatest timestamp is that of what is left.
            rewind(position == 0 ? -1 : offsets.floorPosition(position - 1));
            takeIn(position, indexIntervalBytes);
            log.use().truncate(position);
            aborted.truncateTo(end);
        }
        endOffset = end;
        return end;
    }

    /** Makes the file, empty, if there is none yet. */
    void createFile() {
        if (!exists) {
            log.create();
            exists = true;
        }
    }

    /** Cuts undefined bytes off behind the end; whether there were any. */
    boolean trimFile() {
        if (!exists || log.use().size() <= sizeBytes) {
            return false;
        }
        log.use().truncate(sizeBytes);
        return true;
    }

    /** Writes what the indexes still hold in memory. */
    void flushIndexes() {
        if (exists) {
            offsets.file().flush();
            times.file().flush();
            aborted.flush();
        }
    }

    /** No more appends: completes the indexes. */
    void seal() {
        times.maybeAppend(maxTimestampMs, maxTimestampOffset);
        flushIndexes();
    }

    /** Closes files; what the indexes hold in memory is lost unless flushed. */
    void close() {
        log.close();
        offsets.file().close();
        times.file().close();
        aborted.close();
    }

    @Override
    public String toString() {
        return log.path() + "[" + baseOffset + ", " + endOffset + "), " + sizeBytes + " bytes";
    }
}
