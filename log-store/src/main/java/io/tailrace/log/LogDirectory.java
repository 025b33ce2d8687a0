// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.disk.Disk;
import io.tailrace.log.disk.StorageException;
import io.tailrace.log.journal.Journal;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One shard's view of one log directory: whether it is usable, and how full. Once offline it stays so until the process starts
 * anew: a device that failed a write may have lost others.
 */
final class LogDirectory {

    /** How often the free space is asked for; a shard cannot fill the default floor of 64 MiB in less. */
    private static final long SPACE_CHECK_MS = 50;

    private final Disk disk;
    private final Path path;
    private final long minFreeBytes;
    private @Nullable StorageException fault;
    private long freeBytes = Long.MAX_VALUE;
    private long askAgainMs = Long.MIN_VALUE;
    private int partitions;
    private final Journal<PartitionLog> journal;

    LogDirectory(Disk disk, Path path, ShardLogConfig config, long firstSequence) {
        this.disk = disk;
        this.path = path;
        this.minFreeBytes = config.minFreeBytes();
        this.journal = new Journal<>(disk, path, config.shard(), firstSequence, config.journal());
    }

    /** Where small appends are made durable. */
    Journal<PartitionLog> journal() {
        return journal;
    }

    Path path() {
        return path;
    }

    /** Why the directory is offline; null while it is not. */
    @Nullable
    StorageException fault() {
        return fault;
    }

    /** The first fault is the one that is told. */
    void fail(StorageException cause) {
        if (fault == null) {
            fault = offline(cause);
        }
    }

    /** A full disk that ended in this is no full disk any more: nothing goes on when there is room again. */
    static StorageException offline(StorageException cause) {
        return cause.kind() == StorageException.Kind.NO_SPACE
                ? new StorageException(StorageException.Kind.IO, String.valueOf(cause.getMessage()), cause)
                : cause;
    }

    /** How many of the shard's partitions are here. */
    int partitions() {
        return partitions;
    }

    void addPartitions(int change) {
        partitions += change;
    }

    /**
     * Whether there is room for an append. Producers stop at the floor; what the cluster itself has to write, replicated
     * batches and coordinators' state, may go on into it.
     */
    boolean hasRoom(AppendOrigin origin, long nowMs) {
        if (nowMs >= askAgainMs || askAgainMs - nowMs > SPACE_CHECK_MS) {
            freeBytes = disk.usableBytes(path);
            askAgainMs = nowMs + SPACE_CHECK_MS;
        }
        long floor =
                switch (origin) {
                    case CLIENT -> minFreeBytes;
                    case REPLICATION -> minFreeBytes / 2;
                    case COORDINATOR -> minFreeBytes / 4;
                };
        return freeBytes >= floor;
    }
}
