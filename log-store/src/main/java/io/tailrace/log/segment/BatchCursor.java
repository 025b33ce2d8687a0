// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.segment;

import io.tailrace.log.disk.DiskFile;
import io.tailrace.log.disk.StorageException;
import io.tailrace.log.disk.StorageException.Kind;
import io.tailrace.protocol.record.BatchLayout;
import io.tailrace.protocol.record.RecordBatchView;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Walks the batch headers of a segment, a page of the file at a time, without reading the records. One cursor serves all logs
 * of a shard; {@link #start} begins a walk and ends the one before.
 */
final class BatchCursor {

    private static final int WINDOW_BYTES = 4096;

    private final ByteBuffer window = ByteBuffer.allocateDirect(WINDOW_BYTES);
    private final RecordBatchView view = new RecordBatchView();
    private OpenFiles.@Nullable Handle handle;
    private long windowStart;
    private long position;
    private long nextPosition;
    private long end;

    /** Before the first batch of {@code [from, end)}; {@code from} must be where a batch starts. */
    void start(OpenFiles.Handle handle, long from, long end) {
        this.handle = handle;
        this.windowStart = from;
        this.window.clear().limit(0);
        this.position = from;
        this.nextPosition = from;
        this.end = end;
    }

    /**
     * Moves to the next header.
     *
     * @throws StorageException of kind CORRUPT if what is there is no batch
     */
    boolean next() {
        long start = nextPosition;
        if (start >= end) {
            return false;
        }
        if (end - start < BatchLayout.HEADER_BYTES) {
            throw corrupt(start, "a batch header is cut off");
        }
        if (start < windowStart || start + BatchLayout.HEADER_BYTES > windowStart + window.limit()) {
            load(start);
        }
        int at = (int) (start - windowStart);
        int length = window.getInt(at + BatchLayout.LENGTH);
        if (length < BatchLayout.HEADER_BYTES - BatchLayout.PREFIX_BYTES
                || length > end - start - BatchLayout.PREFIX_BYTES
                || window.get(at + BatchLayout.MAGIC) != BatchLayout.CURRENT_MAGIC) {
            throw corrupt(start, "no record batch");
        }
        view.at(window, at);
        position = start;
        nextPosition = start + BatchLayout.PREFIX_BYTES + length;
        return true;
    }

    /** The header; valid until the next move, and without its records. */
    RecordBatchView batch() {
        return view;
    }

    /** The batch with its records, in memory of its own; for the few that are read. */
    RecordBatchView wholeBatch() {
        ByteBuffer bytes = ByteBuffer.allocate(view.sizeInBytes());
        if (file().read(bytes, position) != bytes.capacity()) {
            throw corrupt(position, "a batch is cut off");
        }
        RecordBatchView whole = new RecordBatchView().over(bytes.flip());
        whole.next();
        return whole;
    }

    /** Where the batch starts in the file. */
    long position() {
        return position;
    }

    /** Where the batch ends, exclusive. */
    long nextPosition() {
        return nextPosition;
    }

    private void load(long start) {
        window.clear().limit((int) Math.min(WINDOW_BYTES, end - start));
        int wanted = window.limit();
        int read = file().read(window, start);
        window.flip();
        windowStart = start;
        if (read != wanted) {
            throw corrupt(start, "the file ends at " + (start + read) + ", its log at " + end);
        }
    }

    private DiskFile file() {
        return Objects.requireNonNull(handle).use();
    }

    private StorageException corrupt(long at, String what) {
        return new StorageException(
                Kind.CORRUPT, what + " at " + at + " of " + (handle == null ? "no file" : handle.path()));
    }
}
