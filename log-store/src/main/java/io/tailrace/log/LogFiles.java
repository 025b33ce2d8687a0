// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.disk.Disk;
import io.tailrace.log.disk.Disk.OpenMode;
import io.tailrace.log.disk.DiskFile;
import io.tailrace.log.recovery.DurableFile;
import io.tailrace.log.recovery.LogLoader;
import io.tailrace.log.recovery.PartitionMetadata;
import io.tailrace.log.recovery.TruncationNote;
import io.tailrace.log.segment.SegmentFiles;
import io.tailrace.log.segment.SegmentListing;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.apache.kafka.common.Uuid;

/** The directory of one partition, and the files in it that are not its segments'. */
final class LogFiles {

    /** How many producer snapshots stay: the last, and one to fall back on, and one that a ticket may still be writing. */
    private static final int SNAPSHOTS_KEPT = 3;

    private final Disk disk;
    private Path directory;

    LogFiles(Disk disk, Path directory) {
        this.disk = disk;
        this.directory = directory;
    }

    Path directory() {
        return directory;
    }

    Path file(String name) {
        return directory.resolve(name);
    }

    /** Makes the directory and says whose it is; neither is durable before {@link #addCreation}'s ticket is. */
    void create(Uuid topicId) {
        disk.createDirectories(directory);
        try (DiskFile metadata = disk.open(file(PartitionMetadata.FILE), OpenMode.TRUNCATE)) {
            metadata.write(ByteBuffer.wrap(PartitionMetadata.encode(topicId)), 0);
        }
    }

    /**
     * As {@link #create}, but blocks until the directory is on disk with its topic id: for a name that a checkpoint may still
     * give to a deleted log, whose promises a torn creation would have to answer for; so would a whole one, if it is of the same topic.
     *
     * @param note says that nothing of that log is here
     * @param aside where to make it before it gets its name; a start removes it from there
     */
    void createDurably(Uuid topicId, TruncationNote note, Path aside) {
        disk.createDirectories(aside);
        DurableFile.write(disk, aside.resolve(TruncationNote.FILE), note.encode());
        DurableFile.write(disk, aside.resolve(PartitionMetadata.FILE), PartitionMetadata.encode(topicId));
        disk.rename(aside, directory);
    }

    /** Makes the creation part of a ticket. The topic id is in the shard's checkpoint, too, so its file need not be synced. */
    void addCreation(SyncTicket ticket, LogDirectory home) {
        ticket.directory(home, directory);
        ticket.directory(home, home.path());
    }

    /** Blocks until it is on disk that the log is about to be cut; see {@link TruncationNote}. */
    void noteTruncation(TruncationNote note) {
        DurableFile.write(disk, file(TruncationNote.FILE), note.encode());
    }

    void forgetTruncation() {
        disk.delete(file(TruncationNote.FILE));
    }

    Path snapshot(long offset) {
        return file(SegmentFiles.name(offset, SegmentFiles.PRODUCER_SNAPSHOT));
    }

    /** Writes a producer snapshot without syncing it. */
    void writeSnapshot(long offset, byte[] content) {
        try (DiskFile file = disk.open(snapshot(offset), OpenMode.TRUNCATE)) {
            file.write(ByteBuffer.wrap(content), 0);
        }
    }

    /** Removes the producer snapshots whose offsets match; they are derived. */
    void removeSnapshots(LongPredicate which) {
        for (long offset : new SegmentListing(disk, directory).offsets(SegmentFiles.PRODUCER_SNAPSHOT)) {
            if (which.test(offset)) {
                disk.delete(snapshot(offset));
            }
        }
    }

    /** Removes what tells of producers and epochs: the batches, or the shard's checkpoint, know as well. */
    void removeDerived() {
        removeSnapshots(any -> true);
        disk.delete(file(LogLoader.LEADER_EPOCHS));
    }

    /** Leaves only the latest snapshots. */
    void removeOldSnapshots() {
        long[] offsets = new SegmentListing(disk, directory).offsets(SegmentFiles.PRODUCER_SNAPSHOT);
        for (int i = 0; i + SNAPSHOTS_KEPT < offsets.length; i++) {
            disk.delete(snapshot(offsets[i]));
        }
    }

    /**
     * Renames the directory out of the way.
     *
     * @param retired is told, if the name says that it is to be removed, what is in it, and it last
     */
    void moveTo(Path target, Consumer<Path> retired) {
        disk.rename(directory, target);
        directory = target;
        if (target.getFileName().toString().endsWith(LogDirectories.DELETE_SUFFIX)) {
            retire(disk, target, retired);
        }
    }

    static void retire(Disk disk, Path directory, Consumer<Path> retired) {
        disk.list(directory).forEach(name -> retired.accept(directory.resolve(name)));
        retired.accept(directory);
    }
}
