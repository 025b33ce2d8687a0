// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.segment;

import io.tailrace.log.LogConfig.SegmentConfig;
import io.tailrace.log.disk.SharedFile;
import io.tailrace.log.disk.StorageException;
import io.tailrace.log.disk.StorageException.Kind;
import io.tailrace.log.txn.AbortedTransaction;
import io.tailrace.log.txn.AbortedTransactions;
import io.tailrace.protocol.record.RecordBatchView;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The segments of one log, by base offset, never none: the last one is active and takes the appends, the others are sealed.
 *
 * <p>A segment is retired by renaming its files to {@code .deleted}; whoever owns the log removes them later. A reader that
 * holds a slice keeps its file open meanwhile.
 */
public final class Segments {

    private final Workbench bench;
    private final Path directory;
    private final Unsynced unsynced;
    private final Consumer<Path> retired;
    private final ArrayList<Segment> segments;
    private long activeSinceMs;

    /**
     * @param segments by rising base offset, at least one
     * @param retired is told the files that only wait for their removal
     */
    public Segments(
            Workbench bench,
            Path directory,
            List<Segment> segments,
            Unsynced unsynced,
            Consumer<Path> retired,
            long nowMs) {
        this.bench = bench;
        this.directory = directory;
        this.segments = new ArrayList<>(segments);
        this.unsynced = unsynced;
        this.retired = retired;
        this.activeSinceMs = nowMs;
    }

    public Segment active() {
        return segments.getLast();
    }

    public Segment first() {
        return segments.getFirst();
    }

    /** From the oldest to the active one; a read-only view. */
    public List<Segment> all() {
        return Collections.unmodifiableList(segments);
    }

    public long endOffset() {
        return active().endOffset();
    }

    public long sizeBytes() {
        long bytes = 0;
        for (Segment segment : segments) {
            bytes += segment.sizeBytes();
        }
        return bytes;
    }

    public Unsynced unsynced() {
        return unsynced;
    }

    /** Marks the segments that reach above {@code offset} as unsynced: a start found them so, and they count once they are. */
    public void addUnsyncedFrom(long offset) {
        for (Segment segment : segments) {
            if (segment.endOffset() > offset && segment.exists()) {
                unsynced.file(segment.log(), false);
                unsynced.directory();
            }
        }
    }

    /** Blocks until all that was written is on disk. */
    public void syncNow() {
        List<SharedFile> files = new ArrayList<>();
        unsynced.drainTo(files);
        try {
            files.forEach(file -> file.file().sync());
            bench.disk().syncDirectory(directory);
        } finally {
            files.forEach(SharedFile::release);
        }
    }

    /** Index of the last segment whose base offset is at most {@code offset}; -1 if none is. */
    public int floor(long offset) {
        return Bisection.first(segments.size(), index -> segments.get(index).baseOffset() > offset) - 1;
    }

    /**
     * Writes what was staged, rolling where a buffer would overfill the active segment: one gathering write, or one for each
     * segment it touches. If a write fails, the buffers before it are in the log and the rest is not.
     *
     * @param buffers each whole batches from position 0 to its limit, in offset order
     * @param pinned see {@link Unsynced#file}
     */
    public void append(List<ByteBuffer> buffers, SegmentConfig config, boolean pinned, long nowMs) {
        int from = 0;
        int bytes = 0;
        for (int i = 0; i < buffers.size(); i++) {
            ByteBuffer buffer = buffers.get(i);
            if (mustRoll(buffer, bytes, config, nowMs)) {
                write(buffers, from, i, bytes, config, pinned);
                roll(nextBase(bench.view().at(buffer, 0)), nowMs);
                from = i;
                bytes = 0;
            }
            bytes += buffer.limit();
        }
        write(buffers, from, buffers.size(), bytes, config, pinned);
    }

    private void write(List<ByteBuffer> buffers, int from, int to, int bytes, SegmentConfig config, boolean pinned) {
        if (from == to) {
            return;
        }
        Segment segment = active();
        ByteBuffer[] gather = bench.gather(to - from);
        for (int i = from; i < to; i++) {
            gather[i - from] = buffers.get(i);
        }
        if (!segment.exists()) {
            unsynced.directory();
        }
        unsynced.file(segment.log(), pinned);
        segment.append(gather, to - from, bytes, config.indexIntervalBytes());
    }

    /** Full by size, by age, by index, or because the offset would not fit the index's four bytes. */
    private boolean mustRoll(ByteBuffer buffer, int stagedBytes, SegmentConfig config, long nowMs) {
        Segment segment = active();
        long size = segment.sizeBytes() + stagedBytes;
        if (size == 0) {
            return false;
        }
        RecordBatchView batch = bench.view().at(buffer, 0);
        boolean tooLarge = size > config.segmentBytes() - buffer.limit();
        // A buffer's later batches are few and follow closely: a margin of one buffer's bytes is more than its offsets.
        boolean tooWide = batch.lastOffset() + buffer.limit() - segment.baseOffset() > Integer.MAX_VALUE;
        boolean indexFull = (segment.offsets().file().count() + 1L) * OffsetIndex.ENTRY_BYTES > config.indexBytes()
                || (segment.times().file().count() + 1L) * TimeIndex.ENTRY_BYTES > config.indexBytes();
        return tooLarge || tooWide || indexFull || ageMs(batch, nowMs) > segmentMs(config);
    }

    /**
     * A new segment begins where the last one ends, even if the next batch lies higher, as in a copy of a compacted log: so
     * that recovery can tell a lost tail from a gap. Only a gap wider than an index entry makes an exception.
     */
    private long nextBase(RecordBatchView batch) {
        long end = endOffset();
        return batch.lastOffset() - end > Integer.MAX_VALUE / 2 ? batch.baseOffset() : end;
    }

    /**
     * The topic's time less a part of the jitter, which differs between logs and segments, but not between starts: or thousands of logs
     * that were created together would roll together.
     */
    private long segmentMs(SegmentConfig config) {
        long seed = (directory.toString().hashCode() + active().baseOffset()) * 0x9E3779B97F4A7C15L;
        return config.segmentJitterMs() == 0
                ? config.segmentMs()
                : Math.max(1, config.segmentMs() - Long.remainderUnsigned(seed, config.segmentJitterMs()));
    }

    private long ageMs(RecordBatchView batch, long nowMs) {
        long since = active().sizeBytes() == 0 ? -1 : active().firstTimestampMs();
        return since >= 0 && batch.maxTimestamp() >= 0 ? batch.maxTimestamp() - since : nowMs - activeSinceMs;
    }

    /** Seals the active segment and begins a new one at {@code baseOffset}, which is at or above the end. */
    public void roll(long baseOffset, long nowMs) {
        Segment sealed = active();
        sealed.seal();
        if (sealed.exists()) {
            // An index is believed once the recovery point has passed its segment: so it is synced with it.
            unsynced.file(sealed.offsets().file().handle(), true);
            unsynced.file(sealed.times().file().handle(), true);
            if (sealed.aborted().isInFile()) {
                unsynced.file(sealed.aborted().handle(), true);
            }
            unsynced.directory();
        }
        segments.add(Segment.create(bench, directory, baseOffset));
        activeSinceMs = nowMs;
    }

    /** Indexes an aborted transaction in the segment that holds its marker. */
    public void addAborted(AbortedTransaction transaction) {
        segments.get(floor(transaction.lastOffset())).aborted().append(transaction);
    }

    /** The aborted transactions that touch {@code [from, to)}, by first offset. */
    public List<AbortedTransaction> aborted(long fromInclusive, long toExclusive) {
        List<AbortedTransaction> found = new ArrayList<>();
        for (int i = Math.max(0, floor(fromInclusive)); i < segments.size(); i++) {
            AbortedTransactions.Lookup lookup = segments.get(i).aborted().lookup(fromInclusive, toExclusive);
            found.addAll(lookup.transactions());
            if (lookup.complete()) {
                break;
            }
        }
        return AbortedTransactions.byFirstOffset(found);
    }

    /** Where the log would end if it were cut at {@code offset}: with the last batch that lies wholly below. */
    public long endIfTruncatedTo(long offset) {
        int at = floor(offset - 1);
        if (at < 0 || offset >= endOffset()) {
            return Math.min(offset, endOffset());
        }
        return segments.get(at).endIfTruncatedTo(offset);
    }

    /** Drops the batch that contains {@code offset} and all after it; returns the new end offset. */
    public long truncateTo(long offset, SegmentConfig config) {
        if (offset >= endOffset()) {
            return endOffset();
        }
        if (offset <= first().baseOffset()) {
            restartAt(offset);
            return offset;
        }
        while (active().baseOffset() >= offset) {
            retire(segments.removeLast());
        }
        Segment last = active();
        unsynced.file(last.log(), false);
        return last.truncateTo(offset, config.indexIntervalBytes());
    }

    /** Drops everything; the log goes on, empty, at {@code offset}. */
    public void restartAt(long offset) {
        segments.forEach(this::retire);
        segments.clear();
        segments.add(Segment.create(bench, directory, offset));
    }

    /** Drops the oldest segments; never the active one. */
    public void dropOldest(int count) {
        if (count >= segments.size()) {
            throw new IllegalArgumentException("the active segment cannot be dropped");
        }
        segments.get(count).createFile(); // its name says where the log begins, should the others be gone after a crash
        segments.subList(0, count).forEach(this::retire);
        segments.subList(0, count).clear();
    }

    /**
     * Takes some sealed neighbours out and one in that has the same base offset and end.
     *
     * @param bases of those that go, rising, all of them here
     * @param exchange moves the files
     */
    public void replace(List<Long> bases, long endOffset, int indexIntervalBytes, Runnable exchange) {
        int at = floor(bases.getFirst());
        List<Segment> old = segments.subList(at, at + bases.size());
        old.forEach(this::letGo);
        exchange.run();
        Segment cleaned = Segment.existing(bench, new SegmentListing(bench.disk(), directory), bases.getFirst());
        cleaned.believe(endOffset, indexIntervalBytes);
        old.clear();
        segments.add(at, cleaned);
        unsynced.directory(); // so that whoever waits for a sync of the old files is told of one
    }

    /**
     * The batches from the one that contains {@code offset} on, within one segment.
     *
     * @param toExclusive batches that end above it are left out
     * @return null if there are none, or not even the first one fits
     */
    public @Nullable SegmentRange range(long offset, int maxBytes, long toExclusive, boolean atLeastOneBatch) {
        for (int i = Math.max(0, floor(offset)); i < segments.size(); i++) {
            Segment segment = segments.get(i);
            if (segment.baseOffset() >= toExclusive) {
                return null;
            }
            if (segment.positionOf(offset) < segment.sizeBytes()) {
                return segment.range(offset, maxBytes, toExclusive, atLeastOneBatch);
            }
        }
        return null;
    }

    /** Forgets the aborted transactions whose markers lie at or above {@code offset}: they are about to be told anew. */
    public void forgetAbortedFrom(long offset) {
        for (int i = Math.max(0, floor(offset)); i < segments.size(); i++) {
            AbortedIndex index = segments.get(i).aborted();
            if (index.isSound()) {
                index.truncateTo(offset);
            } else {
                index.clear();
            }
        }
    }

    /** Shows the batches from the one that ends above {@code fromOffset} on; of records, only those of control batches are there. */
    public void walk(long fromOffset, Consumer<RecordBatchView> visitor) {
        for (int i = Math.max(0, floor(fromOffset)); i < segments.size(); i++) {
            segments.get(i).walk(fromOffset, visitor);
        }
    }

    /** The base offset of the segment after {@code index}, or the end of the log: where its offsets end, gaps included. */
    public long upperBound(int index) {
        return index + 1 < segments.size() ? segments.get(index + 1).baseOffset() : endOffset();
    }

    /**
     * Cuts off what lies in the files behind the end of their segments. That has to be synced like a write: else a crash brings
     * it back into the middle of the log.
     */
    public void trimFiles() {
        for (Segment segment : segments) {
            if (segment.trimFile()) {
                unsynced.file(segment.log(), false);
            }
        }
        unsynced.directory();
    }

    /** Where the files end now, to come back to if the next write fails. */
    public Mark mark() {
        return new Mark(active(), active().sizeBytes());
    }

    /**
     * Takes back what was written since the mark, in the files only: what is in memory may no longer be believed, so these
     * segments are to be closed and loaded again.
     */
    public void backTo(Mark mark) {
        while (!active().equals(mark.active())) {
            retire(segments.removeLast());
        }
        if (mark.active().exists()) {
            mark.active().log().use().truncate(mark.sizeBytes());
            unsynced.file(mark.active().log(), false);
        }
    }

    /** See {@link #mark}. */
    public record Mark(Segment active, long sizeBytes) {}

    public void flushIndexes() {
        segments.forEach(Segment::flushIndexes);
    }

    public void close() {
        segments.forEach(Segment::close);
    }

    /** The files of the segment are about to go. */
    private void letGo(Segment segment) {
        unsynced.forget(segment.log());
        unsynced.forget(segment.offsets().file().handle());
        unsynced.forget(segment.times().file().handle());
        unsynced.forget(segment.aborted().handle());
        segment.close();
    }

    private void retire(Segment segment) {
        letGo(segment);
        boolean any = retire(segment.log().path());
        any |= retire(segment.offsets().file().handle().path());
        any |= retire(segment.times().file().handle().path());
        any |= retire(segment.aborted().handle().path());
        if (any) {
            unsynced.directory();
        }
    }

    private boolean retire(Path file) {
        Path target = file.resolveSibling(file.getFileName() + SegmentFiles.DELETED);
        try {
            bench.disk().rename(file, target);
        } catch (StorageException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return false;
            }
            throw e;
        }
        retired.accept(target);
        return true;
    }
}
