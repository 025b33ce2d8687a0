// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.compaction;

import io.tailrace.log.disk.Disk;
import io.tailrace.log.disk.DiskFile;
import io.tailrace.log.disk.StorageException;
import io.tailrace.log.disk.StorageException.Kind;
import io.tailrace.log.segment.SegmentFiles;
import io.tailrace.protocol.record.BatchChecks;
import io.tailrace.protocol.record.BatchLayout;
import io.tailrace.protocol.record.BatchVerdict;
import io.tailrace.protocol.record.RecordBatchView;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Reads one sealed segment in chunks of whole batches, through a descriptor of its own: the shard may delete or replace the
 * file meanwhile. Every batch's CRC is checked, as what is written anew gets a new one, which would bless any damage.
 */
final class SourceReader implements AutoCloseable {

    /** Few large reads; grows for a batch that is larger, and no further than a segment. */
    private static final int CHUNK_BYTES = 1 << 20;

    private final Path path;
    private final DiskFile file;
    private final long size;
    private final RecordBatchView batch = new RecordBatchView();
    private ByteBuffer chunk = ByteBuffer.allocate(0);
    private long position;

    SourceReader(Disk disk, Path directory, SealedSegment segment) {
        path = directory.resolve(SegmentFiles.name(segment.baseOffset(), SegmentFiles.LOG));
        file = disk.open(path, Disk.OpenMode.READ);
        size = segment.sizeBytes();
    }

    /** The next whole and sound batches, from position to limit; empty at the end. Valid until the next call. */
    ByteBuffer next() {
        if (position == size) {
            return chunk.clear().limit(0);
        }
        int wanted = (int) Math.min(CHUNK_BYTES, size - position);
        read(wanted);
        batch.over(chunk);
        if (!batch.next()) {
            read(sizeOfFirstBatch());
            batch.over(chunk);
            if (!batch.next()) {
                throw corrupt("no batch begins");
            }
        }
        do {
            BatchVerdict verdict = BatchChecks.integrity(batch);
            if (verdict != BatchVerdict.VALID) {
                throw corrupt(verdict.message() + " in the batch");
            }
        } while (batch.next());
        chunk.limit(batch.nextPosition());
        position += chunk.limit();
        return chunk;
    }

    /** Steps back over bytes at the end of the last chunk, to be given again. */
    void unread(int bytes) {
        position -= bytes;
    }

    private void read(int bytes) {
        if (chunk.capacity() < bytes) {
            chunk = ByteBuffer.allocate(bytes);
        }
        chunk.clear().limit(bytes);
        file.read(chunk, position);
        chunk.flip();
    }

    private int sizeOfFirstBatch() {
        long length = chunk.limit() < BatchLayout.HEADER_BYTES
                ? -1
                : BatchLayout.PREFIX_BYTES + (long) chunk.getInt(BatchLayout.LENGTH);
        if (length < BatchLayout.HEADER_BYTES || length > size - position) {
            throw corrupt("no batch begins");
        }
        return (int) length;
    }

    private StorageException corrupt(String what) {
        return new StorageException(Kind.CORRUPT, what + " at " + position + " of " + path);
    }

    @Override
    public void close() {
        file.close();
    }
}
