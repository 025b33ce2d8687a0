// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.compaction;

import io.tailrace.log.disk.Disk;
import io.tailrace.log.disk.DiskFile;
import io.tailrace.log.segment.SegmentFiles;
import io.tailrace.log.txn.AbortedTransaction;
import io.tailrace.log.txn.AbortedTransactions;
import io.tailrace.protocol.record.RecordBatchView;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A segment in the making: its log is written as it comes, its indexes at the end, all under names ending in {@code .cleaned},
 * which no one reads and recovery deletes. The indexes have the layout of every segment's.
 */
final class CleanedSegment {

    private static final int OFFSET_ENTRY_BYTES = 8;
    private static final int TIME_ENTRY_BYTES = 12;

    private final Disk disk;
    private final Path directory;
    private final long baseOffset;
    private final int indexIntervalBytes;
    private final DiskFile log;
    private final RecordBatchView batch = new RecordBatchView();
    private final AbortedTransactions aborted = new AbortedTransactions();
    private ByteBuffer offsets = ByteBuffer.allocate(64 * OFFSET_ENTRY_BYTES);
    private ByteBuffer times = ByteBuffer.allocate(64 * TIME_ENTRY_BYTES);
    private long sizeBytes;
    private int bytesSinceIndexEntry;
    private long maxTimestampMs = -1;
    private long maxTimestampOffset = -1;
    private long lastIndexedTimestampMs = -1;

    CleanedSegment(Disk disk, Path directory, long baseOffset, int indexIntervalBytes) {
        this.disk = disk;
        this.directory = directory;
        this.baseOffset = baseOffset;
        this.indexIntervalBytes = indexIntervalBytes;
        this.log = open(SegmentFiles.LOG);
    }

    private DiskFile open(String suffix) {
        return disk.open(
                directory.resolve(SegmentFiles.name(baseOffset, suffix + SegmentFiles.CLEANED)),
                Disk.OpenMode.TRUNCATE);
    }

    /** Adds whole batches, from position to limit. */
    void append(ByteBuffer batches) {
        batch.over(batches);
        long position = sizeBytes;
        while (batch.next()) {
            index(position);
            position += batch.sizeInBytes();
        }
        log.write(batches, sizeBytes);
        sizeBytes = position;
    }

    private void index(long position) {
        // A header that outlived its records has the time of the pass, and nobody looks for that.
        if (batch.maxTimestamp() > maxTimestampMs && batch.recordCount() > 0) {
            maxTimestampMs = batch.maxTimestamp();
            maxTimestampOffset = batch.lastOffset();
        }
        if (bytesSinceIndexEntry > indexIntervalBytes) {
            offsets = withRoom(offsets, OFFSET_ENTRY_BYTES);
            offsets.putInt((int) (batch.lastOffset() - baseOffset)).putInt((int) position);
            indexTime();
            bytesSinceIndexEntry = 0;
        }
        bytesSinceIndexEntry += batch.sizeInBytes();
    }

    private void indexTime() {
        if (maxTimestampMs > lastIndexedTimestampMs) {
            times = withRoom(times, TIME_ENTRY_BYTES);
            times.putLong(maxTimestampMs).putInt((int) (maxTimestampOffset - baseOffset));
            lastIndexedTimestampMs = maxTimestampMs;
        }
    }

    private static ByteBuffer withRoom(ByteBuffer buffer, int bytes) {
        return buffer.remaining() >= bytes
                ? buffer
                : ByteBuffer.allocate(buffer.capacity() * 2).put(buffer.flip());
    }

    void keep(AbortedTransaction transaction) {
        aborted.append(transaction);
    }

    long sizeBytes() {
        return sizeBytes;
    }

    /** Completes and syncs all files; their names are made durable by the swap. */
    void seal() {
        indexTime();
        log.sync();
        log.close();
        write(SegmentFiles.OFFSET_INDEX, offsets.flip());
        write(SegmentFiles.TIME_INDEX, times.flip());
        if (!aborted.isEmpty()) {
            write(SegmentFiles.TRANSACTION_INDEX, aborted.encode());
        }
    }

    private void write(String suffix, ByteBuffer content) {
        try (DiskFile file = open(suffix)) {
            file.write(content, 0);
            file.sync();
        }
    }

    /** Removes the files of a segment that is not wanted. */
    void abandon() {
        log.close();
        SegmentSwap.discard(disk, directory, baseOffset);
    }
}
