// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.segment;

import io.tailrace.log.segment.OpenFiles.Handle;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An append-only file of fixed-size entries that is not mapped and not held in memory: the newest entries wait in a small
 * buffer until it is full or the segment is sealed, the rest is read through one page that all indexes of a shard share.
 *
 * <p>Nothing here is synced before the segment is sealed: an index is derived from its segment, and rebuilt from it when it
 * is missing, short or wrong. Not mapping it keeps idle partitions free, and a full disk an error instead of a SIGBUS.
 */
final class IndexFile {

    private static final int INITIAL_PENDING_BYTES = 240; // both divide by 8 and by 12, the two entry sizes
    private static final int MAX_PENDING_BYTES = 4080;

    private final Handle handle;
    private final int entryBytes;
    private final IndexPage page;
    private int entriesInFile;
    private boolean isInFile;
    private @Nullable ByteBuffer pending;

    /** @param sizeBytes of the file as it is, -1 if there is none; a torn entry at its end is ignored and overwritten */
    IndexFile(Handle handle, int entryBytes, IndexPage page, long sizeBytes) {
        this.handle = handle;
        this.entryBytes = entryBytes;
        this.page = page;
        this.isInFile = sizeBytes >= 0;
        this.entriesInFile = (int) (Math.max(0, sizeBytes) / entryBytes);
    }

    Handle handle() {
        return handle;
    }

    boolean isInFile() {
        return isInFile;
    }

    int count() {
        return entriesInFile + (pending == null ? 0 : pending.position() / entryBytes);
    }

    long longAt(int entry, int field) {
        int inPending = entry - entriesInFile;
        return inPending >= 0 ? pending().getLong(inPending * entryBytes + field) : page.longAt(this, entry, field);
    }

    int intAt(int entry, int field) {
        int inPending = entry - entriesInFile;
        return inPending >= 0 ? pending().getInt(inPending * entryBytes + field) : page.intAt(this, entry, field);
    }

    /** Room for one entry, which the caller fills; it counts from then on. */
    ByteBuffer add() {
        ByteBuffer buffer = pending();
        if (buffer.remaining() >= entryBytes) {
            return buffer;
        }
        if (buffer.capacity() == MAX_PENDING_BYTES) {
            flush();
            return buffer;
        }
        ByteBuffer larger = ByteBuffer.allocate(Math.min(MAX_PENDING_BYTES, buffer.capacity() * 4));
        larger.put(buffer.flip());
        pending = larger;
        return larger;
    }

    /** Writes what waits to the file, creating it if need be. */
    void flush() {
        ByteBuffer buffer = pending;
        if (buffer == null || buffer.position() == 0) {
            if (!isInFile) {
                handle.create();
                isInFile = true;
            }
            return;
        }
        int entries = buffer.position() / entryBytes;
        (isInFile ? handle.use() : handle.create()).write(buffer.duplicate().flip(), (long) entriesInFile * entryBytes);
        isInFile = true;
        page.invalidate(this);
        entriesInFile += entries;
        buffer.clear();
    }

    /** Keeps the first {@code count} entries. */
    void truncate(int count) {
        if (count >= entriesInFile) {
            ByteBuffer buffer = pending;
            if (buffer != null) {
                buffer.position((count - entriesInFile) * entryBytes);
            }
            return;
        }
        pending = null;
        page.invalidate(this);
        entriesInFile = count;
        handle.use().truncate((long) count * entryBytes);
    }

    /** Lets go of memory and files; entries that wait are lost unless flushed. */
    void close() {
        page.invalidate(this);
        pending = null;
        handle.close();
    }

    int entryBytes() {
        return entryBytes;
    }

    int entriesInFile() {
        return entriesInFile;
    }

    private ByteBuffer pending() {
        ByteBuffer buffer = pending;
        if (buffer == null) {
            buffer = ByteBuffer.allocate(INITIAL_PENDING_BYTES);
            pending = buffer;
        }
        return buffer;
    }
}
