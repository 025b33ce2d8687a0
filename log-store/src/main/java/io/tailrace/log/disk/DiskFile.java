// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.disk;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;

/** An open file. Positions and lengths in bytes. Reads and {@link #sync} may come from any thread, the rest from one. */
public interface DiskFile extends AutoCloseable {

    /** The length as this process sees it, synced or not. */
    long size();

    /**
     * Writes what remains in {@code buffers[0, count)}, in order, at {@code position}: one gathering system call where the
     * device takes it in one. Direct buffers are not copied. Either all bytes are written, or this throws and the bytes from
     * {@code position} on are undefined.
     */
    void write(ByteBuffer[] buffers, int count, long position);

    /** As {@link #write(ByteBuffer[], int, long)} for one buffer. */
    default void write(ByteBuffer buffer, long position) {
        write(new ByteBuffer[] {buffer}, 1, position);
    }

    /** Fills {@code target} from {@code position} as far as the file goes; returns the bytes read, 0 at or past the end. */
    int read(ByteBuffer target, long position);

    /** Makes the bytes and the length durable (fdatasync). Blocking; any thread. Never to be retried after a failure. */
    void sync();

    /** Cuts the file to {@code size} bytes; nothing happens if it is shorter. */
    void truncate(long size);

    /** For {@code transferTo} (sendfile); empty where there is no kernel file behind this, as in a simulation. */
    Optional<FileChannel> channel();

    @Override
    void close();
}
