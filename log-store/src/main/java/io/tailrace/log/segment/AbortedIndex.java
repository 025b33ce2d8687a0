// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.segment;

import io.tailrace.log.disk.DiskFile;
import io.tailrace.log.disk.StorageException;
import io.tailrace.log.disk.StorageException.Kind;
import io.tailrace.log.segment.OpenFiles.Handle;
import io.tailrace.log.txn.AbortedTransaction;
import io.tailrace.log.txn.AbortedTransactions;
import io.tailrace.log.txn.CorruptIndexException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The transaction index of one segment and its file, read when it is first asked for, and there only if it has entries. */
public final class AbortedIndex {

    private final Handle handle;
    private final long baseOffset;
    private boolean isInFile;
    private boolean isChanged;
    private @Nullable AbortedTransactions entries;

    AbortedIndex(Handle handle, long baseOffset, boolean isInFile) {
        this.handle = handle;
        this.baseOffset = baseOffset;
        this.isInFile = isInFile;
    }

    Handle handle() {
        return handle;
    }

    boolean isInFile() {
        return isInFile;
    }

    public void append(AbortedTransaction entry) {
        loaded().append(entry);
        isChanged = true;
    }

    public AbortedTransactions.Lookup lookup(long fromInclusive, long toExclusive) {
        return isInFile || entries != null
                ? loaded().lookup(fromInclusive, toExclusive)
                : AbortedTransactions.Lookup.NOTHING_YET;
    }

    /** Whether the file, if there is one, can be read. */
    public boolean isSound() {
        try {
            loaded();
            return true;
        } catch (StorageException e) {
            if (e.kind() == Kind.CORRUPT) {
                return false;
            }
            throw e;
        }
    }

    /** Forgets all entries, to be told them anew. */
    public void clear() {
        entries = new AbortedTransactions();
        isChanged = isInFile;
    }

    void truncateTo(long endOffset) {
        if (isInFile || entries != null) {
            AbortedTransactions loaded = loaded();
            int before = loaded.sizeInBytes();
            isChanged |= loaded.truncateTo(endOffset) != before;
        }
    }

    void flush() {
        if (isChanged) {
            DiskFile file = isInFile ? handle.use() : handle.create();
            ByteBuffer bytes = loaded().encode();
            int length = bytes.remaining();
            file.write(bytes, 0);
            file.truncate(length);
            isInFile = true;
            isChanged = false;
        }
    }

    void close() {
        if (!isChanged) {
            entries = null;
        }
        handle.close();
    }

    private AbortedTransactions loaded() {
        AbortedTransactions loaded = entries;
        if (loaded == null) {
            loaded = isInFile ? read() : new AbortedTransactions();
            entries = loaded;
        }
        return loaded;
    }

    private AbortedTransactions read() {
        DiskFile file = handle.use();
        ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
        file.read(bytes, 0);
        try {
            return AbortedTransactions.decode(bytes.flip(), baseOffset);
        } catch (CorruptIndexException e) {
            throw new StorageException(Kind.CORRUPT, handle.path() + ": " + e.getMessage(), e);
        }
    }
}
