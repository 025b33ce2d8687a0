// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.compaction;

import io.tailrace.log.compaction.CompactionResult.Replacement;
import io.tailrace.log.disk.Disk;
import io.tailrace.log.disk.DiskFile;
import io.tailrace.log.segment.SegmentFiles;
import io.tailrace.protocol.record.BatchLayout;
import io.tailrace.protocol.record.RecordBatchView;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Puts a cleaned segment into the place of those it stands for, such that a crash at any point leaves either the old segments
 * or the new one, never a mixture and never neither. Kafka's names and steps:
 *
 * <ol>
 *   <li>The cleaner has written and synced {@code x.log.cleaned} and its indexes. A crash: recovery deletes them.
 *   <li>{@link #commit}: the indexes are renamed to {@code .swap}, then the log. <b>The log's rename, made durable, is the
 *       point of no return</b>; until then recovery deletes what ends in {@code .swap} without its log.
 *   <li>{@link #finish}: the old segments are renamed to {@code .deleted}, the indexes to their names, and the log last. A
 *       crash: recovery finds {@code x.log.swap} and does this again.
 * </ol>
 *
 * <p>A step that is done again finds some files moved already, so every rename first looks whether there is one to rename.
 * Producer snapshots of the segments that go, but for the first, go with them.
 *
 * <p>Blocking; on the shard's thread, or before the log is opened. A handful of renames and three directory syncs; the sizes
 * of the segments do not matter.
 */
public final class SegmentSwap {

    /** The log last: it is the one that counts. */
    private static final List<String> SUFFIXES = List.of(
            SegmentFiles.OFFSET_INDEX, SegmentFiles.TIME_INDEX, SegmentFiles.TRANSACTION_INDEX, SegmentFiles.LOG);

    private SegmentSwap() {}

    /** Whether a file of that name shows that a crash interrupted a cleaning or a swap. */
    public static boolean isUnfinished(String name) {
        return name.endsWith(SegmentFiles.CLEANED) || name.endsWith(SegmentFiles.SWAP);
    }

    /** Whether the cleaned segment is there: not so if the log was opened anew meanwhile, which removes it. */
    public static boolean isReady(Disk disk, Path directory, Replacement replacement) {
        return disk.exists(directory.resolve(
                SegmentFiles.name(replacement.baseOffset(), SegmentFiles.LOG + SegmentFiles.CLEANED)));
    }

    /** {@code .cleaned} becomes {@code .swap}: from here on the replacement happens, even after a crash. */
    public static void commit(Disk disk, Path directory, Replacement replacement) {
        if (!isReady(disk, directory, replacement)) {
            throw new IllegalStateException("there is no cleaned segment " + replacement.baseOffset());
        }
        for (String suffix : SUFFIXES) {
            if (suffix.equals(SegmentFiles.LOG)) {
                disk.syncDirectory(directory);
            }
            move(disk, directory, replacement.baseOffset(), suffix + SegmentFiles.CLEANED, suffix + SegmentFiles.SWAP);
        }
        disk.syncDirectory(directory);
    }

    /**
     * {@code .swap} takes its place; the files of the old segments end in {@code .deleted}.
     *
     * @return those files, to be removed at leisure
     */
    public static List<Path> finish(Disk disk, Path directory, Replacement replacement) {
        return finish(disk, directory, replacement.baseOffset(), replacement.replaced());
    }

    private static List<Path> finish(Disk disk, Path directory, long baseOffset, List<Long> replaced) {
        List<Path> retired = new ArrayList<>();
        for (long old : replaced) {
            for (String suffix : SUFFIXES) {
                move(disk, directory, old, suffix, suffix + SegmentFiles.DELETED)
                        .ifPresent(retired::add);
            }
            if (old != baseOffset) {
                String snapshot = SegmentFiles.PRODUCER_SNAPSHOT;
                move(disk, directory, old, snapshot, snapshot + SegmentFiles.DELETED)
                        .ifPresent(retired::add);
            }
        }
        for (String suffix : SUFFIXES) {
            move(disk, directory, baseOffset, suffix + SegmentFiles.SWAP, suffix);
        }
        disk.syncDirectory(directory);
        return retired;
    }

    /** Removes the {@code .cleaned} files of a segment that will not be swapped in. */
    public static void discard(Disk disk, Path directory, long baseOffset) {
        SUFFIXES.forEach(
                suffix -> disk.delete(directory.resolve(SegmentFiles.name(baseOffset, suffix + SegmentFiles.CLEANED))));
    }

    /**
     * Ends whatever a crash interrupted, before the directory's segments are listed and opened.
     *
     * @return how many swaps were completed
     */
    public static int recover(Disk disk, Path directory) {
        int completed = 0;
        for (String name : disk.list(directory)) {
            if (name.endsWith(SegmentFiles.CLEANED)) {
                disk.delete(directory.resolve(name));
            }
        }
        for (String name : disk.list(directory)) {
            OptionalLong swapped = SegmentFiles.offset(name, SegmentFiles.LOG + SegmentFiles.SWAP);
            if (swapped.isPresent()) {
                long base = swapped.getAsLong();
                finish(disk, directory, base, covered(disk, directory, base, endOffset(disk, directory.resolve(name))));
                completed++;
            }
        }
        for (String name : disk.list(directory)) {
            if (name.endsWith(SegmentFiles.SWAP)) {
                disk.delete(directory.resolve(name));
            }
        }
        return completed;
    }

    /**
     * The segments that begin within the cleaned one. One whose records all went may begin at its end and stay: it has older
     * values only of keys that are newer further up, and goes with the next pass.
     */
    private static List<Long> covered(Disk disk, Path directory, long baseOffset, long endOffset) {
        return disk.list(directory).stream()
                .map(name -> SegmentFiles.offset(name, SegmentFiles.LOG))
                .filter(OptionalLong::isPresent)
                .map(OptionalLong::getAsLong)
                .filter(base -> base == baseOffset || (base > baseOffset && base < endOffset))
                .toList();
    }

    private static long endOffset(Disk disk, Path log) {
        long end = 0;
        var batch = new RecordBatchView();
        ByteBuffer header = ByteBuffer.allocate(BatchLayout.HEADER_BYTES);
        try (DiskFile file = disk.open(log, Disk.OpenMode.READ)) {
            long position = 0;
            while (file.read(header.clear(), position) == BatchLayout.HEADER_BYTES) {
                batch.at(header.flip(), 0);
                end = batch.nextOffset();
                position += batch.sizeInBytes();
            }
        }
        return end;
    }

    private static Optional<Path> move(Disk disk, Path directory, long baseOffset, String from, String to) {
        Path source = directory.resolve(SegmentFiles.name(baseOffset, from));
        Path target = directory.resolve(SegmentFiles.name(baseOffset, to));
        if (!disk.exists(source)) {
            return Optional.empty();
        }
        disk.rename(source, target);
        return Optional.of(target);
    }
}
