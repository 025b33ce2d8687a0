// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.disk.SharedFile;
import io.tailrace.log.disk.StorageException;
import io.tailrace.log.disk.StorageException.Kind;
import java.nio.ByteBuffer;

/** A run of bytes of a log: whole record batches, in offset order. */
public sealed interface LogSlice {

    /** Length in bytes. */
    int sizeBytes();

    /** Copies the whole slice into {@code target}, which must have room for it. Any thread, until the slice is released. */
    void copyTo(ByteBuffer target);

    /** Gives back what keeps the bytes alive; once, from any thread. The slice must not be touched afterwards. */
    void release();

    /**
     * Bytes in a segment file, for {@code transferTo} through {@code file.file().channel()}.
     *
     * @param file holds one reference for this slice
     * @param position in the file, bytes
     */
    record OfFile(SharedFile file, long position, int sizeBytes) implements LogSlice {
        @Override
        public void copyTo(ByteBuffer target) {
            ByteBuffer window = target.slice(target.position(), sizeBytes);
            if (file.file().read(window, position) != sizeBytes) {
                throw new StorageException(Kind.CORRUPT, "a segment is shorter than its log says");
            }
            target.position(target.position() + sizeBytes);
        }

        @Override
        public void release() {
            file.release();
        }
    }

    /**
     * Bytes that are in memory and not yet in their segment.
     *
     * @param bytes read-only; position and limit frame the slice
     * @param lease keeps the memory from being used again
     */
    record OfMemory(ByteBuffer bytes, Runnable lease) implements LogSlice {
        @Override
        public int sizeBytes() {
            return bytes.remaining();
        }

        @Override
        public void copyTo(ByteBuffer target) {
            target.put(bytes.duplicate());
        }

        @Override
        public void release() {
            lease.run();
        }
    }
}
