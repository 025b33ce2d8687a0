// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.scrub;

import io.tailrace.log.disk.Disk;
import io.tailrace.log.disk.DiskFile;
import io.tailrace.log.disk.StorageException;
import io.tailrace.log.segment.SegmentFiles;
import io.tailrace.log.segment.SegmentListing;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads all segments of one log but the last, which is still being written, and checks every batch. In steps, so that its worker can pace it and be told to
 * stop. Memory is one chunk, however large a batch says it is.
 *
 * <p>Beside the CRC the parts of a batch that it does not cover are checked for what must hold whatever compaction took out: offsets and leader
 * epochs never go back, and a segment ends where the next one begins.
 *
 * <p><b>The log goes on meanwhile.</b> A file that retention or compaction has taken away is left out. One that is being cut or replaced may look
 * damaged; who finds damage looks a second time ({@link #isSame}).
 */
public final class LogScrub implements AutoCloseable {

    /** Few large reads. */
    private static final int CHUNK_BYTES = 256 << 10;

    private final Disk disk;
    private final Path directory;
    private final long[] segments;
    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
    private final BatchStream batches = new BatchStream();
    private int next;
    private long bytes;
    private @Nullable DiskFile file;
    private long sizeBytes;
    private long position;
    private @Nullable Damage damage;

    /** @param directory of the partition; one that is not there has nothing to be checked */
    public LogScrub(Disk disk, Path directory) {
        this.disk = disk;
        this.directory = directory;
        this.segments = new SegmentListing(disk, directory).offsets(SegmentFiles.LOG);
    }

    /**
     * Works on: reads one chunk at most.
     *
     * @return whether it is done: at the end, or at the first damage
     */
    public boolean step() {
        if (damage != null || next >= segments.length - 1) {
            return true;
        }
        long segment = segments[next];
        try {
            DiskFile reading = file;
            if (reading == null) {
                reading =
                        disk.open(directory.resolve(SegmentFiles.name(segment, SegmentFiles.LOG)), Disk.OpenMode.READ);
                file = reading;
                sizeBytes = reading.size();
                position = 0;
                batches.begin(segment, segments[next + 1]);
            }
            read(reading, segment);
        } catch (StorageException failed) {
            if (failed.kind() != StorageException.Kind.NOT_FOUND) {
                damaged(segment, position, String.valueOf(failed.getMessage()));
            }
            closeFile();
        }
        return damage != null || next >= segments.length - 1;
    }

    private void read(DiskFile reading, long segment) {
        chunk.clear().limit((int) Math.min(CHUNK_BYTES, sizeBytes - position));
        int read = reading.read(chunk, position);
        chunk.flip();
        position += read;
        bytes += read;
        String wrong = batches.take(chunk, position >= sizeBytes || read == 0);
        if (wrong != null) {
            damaged(segment, position - read + batches.batchBegan(), wrong);
        } else {
            position -= chunk.remaining(); // the beginning of a header: read again with the rest
            if (position >= sizeBytes || read == 0) { // cut meanwhile
                closeFile();
            }
        }
    }

    private void damaged(long segment, long at, String what) {
        damage = new Damage(segment, sizeBytes, at, what);
        closeFile();
    }

    /** What was found; empty if all is well, or not all is read. */
    public Optional<Damage> damage() {
        return Optional.ofNullable(damage);
    }

    /** What was read so far. */
    public long bytesRead() {
        return bytes;
    }

    /** Whether two looks, one after the other, found the same: then it is no segment that was changing. */
    public static boolean isSame(Optional<Damage> first, Optional<Damage> second) {
        return first.isPresent() && first.equals(second);
    }

    private void closeFile() {
        DiskFile open = file;
        file = null;
        next++;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void close() {
        DiskFile open = file;
        file = null;
        if (open != null) {
            open.close();
        }
    }
}
