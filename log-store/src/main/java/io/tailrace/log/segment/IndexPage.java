// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.segment;

import io.tailrace.log.disk.StorageException;
import io.tailrace.log.disk.StorageException.Kind;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The one page of index entries that a shard holds in memory: the last steps of a binary search fall into it. */
final class IndexPage {

    private static final int PAGE_BYTES = 4080; // a whole number of entries of either size

    private final ByteBuffer bytes = ByteBuffer.allocateDirect(PAGE_BYTES);
    private @Nullable IndexFile owner;
    private int firstEntry;
    private int entries;

    long longAt(IndexFile index, int entry, int field) {
        return bytes.getLong(load(index, entry) + field);
    }

    int intAt(IndexFile index, int entry, int field) {
        return bytes.getInt(load(index, entry) + field);
    }

    void invalidate(IndexFile index) {
        if (owner == index) {
            owner = null;
        }
    }

    @SuppressWarnings("ReferenceEquality") // the page belongs to an index, not to an equal one
    private int load(IndexFile index, int entry) {
        if (owner != index || entry < firstEntry || entry >= firstEntry + entries) {
            int perPage = PAGE_BYTES / index.entryBytes();
            int first = entry / perPage * perPage;
            int wanted = Math.min(perPage, index.entriesInFile() - first) * index.entryBytes();
            owner = null;
            bytes.clear().limit(wanted);
            if (index.handle().use().read(bytes, (long) first * index.entryBytes()) != wanted) {
                throw new StorageException(Kind.CORRUPT, index.handle().path() + " has become shorter");
            }
            bytes.clear();
            owner = index;
            firstEntry = first;
            entries = wanted / index.entryBytes();
        }
        return (entry - firstEntry) * index.entryBytes();
    }
}
