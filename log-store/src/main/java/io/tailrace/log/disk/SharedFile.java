// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.disk;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * An open file with a count of who uses it; closed by the last {@link #release}. The shard's cache of open files holds one
 * reference, every {@code FileSlice} of a read another, every sync ticket another: so the cache may drop a file, and the log
 * may delete it, while a socket still sends from it.
 *
 * <p>{@link #retain} and {@link #release} may be called from any thread.
 */
public final class SharedFile {

    private static final VarHandle REFERENCES;

    static {
        try {
            REFERENCES = MethodHandles.lookup().findVarHandle(SharedFile.class, "references", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final DiskFile file;

    @SuppressWarnings("FieldMayBeFinal") // changed through REFERENCES
    private volatile int references = 1;

    /** Takes over {@code file}; the caller holds the first reference. */
    public SharedFile(DiskFile file) {
        this.file = file;
    }

    public DiskFile file() {
        return file;
    }

    /** Adds a reference; the caller must already hold one. */
    public SharedFile retain() {
        int before = (int) REFERENCES.getAndAdd(this, 1);
        if (before <= 0) {
            throw new IllegalStateException("retained a closed file");
        }
        return this;
    }

    /** Gives a reference back; the last one closes the file. */
    public void release() {
        int before = (int) REFERENCES.getAndAdd(this, -1);
        if (before <= 0) {
            throw new IllegalStateException("released a closed file");
        }
        if (before == 1) {
            file.close();
        }
    }

    /** How many hold this file; for tests. */
    public int references() {
        return references;
    }
}
