// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.disk.Disk;
import io.tailrace.log.disk.SharedFile;
import io.tailrace.log.disk.StorageException;
import io.tailrace.log.disk.StorageException.Kind;
import io.tailrace.log.recovery.DurableFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What one group commit has to make durable. The shard hands it to a sync thread, which calls {@link #sync}, and tells the
 * shard the outcome: {@link ShardLog#onSynced} or {@link ShardLog#onSyncFailed}. At most one ticket is out at a time; what is
 * written meanwhile goes into the next one, which the first {@link ShardLog#endTurn} after the outcome hands out.
 *
 * <p>Order: first the data, then the small files that are only true once the data is there, last the directories.
 */
public final class SyncTicket {

    /** Where the bytes are that a promise is about. */
    enum Place {
        /** In the segments. */
        SEGMENTS,
        /** In the journal. */
        JOURNAL
    }

    /** The ticket writes no producer snapshot of the log. */
    static final long NO_SNAPSHOT = -1;

    /**
     * A log and how far it is synced when this ticket is, unless it was truncated meanwhile.
     *
     * @param snapshotOffset of the producer snapshot that the ticket writes, or {@link #NO_SNAPSHOT}
     */
    record Promise(PartitionLog log, Place place, long endOffset, int truncations, long snapshotOffset) {}

    /**
     * Does pieces of work, at the same time where it can, and returns when all are done. Syncs of many files are several times
     * cheaper so: the file system and the device make one flush of those that come together.
     */
    public interface Spread {

        /** One after the other. */
        Spread NONE = pieces -> pieces.forEach(Runnable::run);

        void run(List<Runnable> pieces);
    }

    /** How many pieces a ticket is cut into. Four got nearly all of what there was to gain on the disks that were measured. */
    public static final int PIECES = 4;

    private record Step(LogDirectory directory, Runnable work) {}

    private record Work(LogDirectory directory, Runnable work, Runnable done) {}

    /** @param isTaken by the sync thread, which writes it, or by the shard's, which calls it off */
    private record Write(
            LogDirectory directory, Path file, byte[] content, boolean onlyIfRoom, AtomicBoolean isTaken) {}

    private final Disk disk;
    private final List<Promise> promises = new ArrayList<>();
    private final Map<LogDirectory, List<SharedFile>> files = new LinkedHashMap<>();
    private final Map<LogDirectory, Set<Path>> directories = new LinkedHashMap<>();
    private final List<Write> writes = new ArrayList<>();
    private final List<Work> works = new ArrayList<>(0);
    // Written by sync threads, read by the shard's once it has the outcome: the hand-over orders the two.
    private final Map<LogDirectory, StorageException> failed = new LinkedHashMap<>();
    private boolean lackedRoom;

    SyncTicket(Disk disk) {
        this.disk = disk;
    }

    /** Nothing to sync: neither {@link #sync} nor an outcome is expected. */
    public boolean isEmpty() {
        return works.isEmpty() && promises.isEmpty() && files.isEmpty() && directories.isEmpty() && writes.isEmpty();
    }

    /** Whether the sync of one file is all there is to do. */
    public boolean isOneFile() {
        return works.isEmpty() && writes.isEmpty() && directories.isEmpty() && files.size() == 1 && fileCount() == 1;
    }

    /** How many files will be synced; what a sync costs, roughly. */
    public int fileCount() {
        return writes.size() + files.values().stream().mapToInt(List::size).sum();
    }

    void promise(PartitionLog log, Place place, long endOffset, int truncations, long snapshotOffset) {
        promises.add(new Promise(log, place, endOffset, truncations, snapshotOffset));
    }

    /** Work for the sync thread, and what the shard does once it succeeded. */
    void work(LogDirectory directory, Runnable work, Runnable done) {
        works.add(new Work(directory, work, done));
    }

    /** On the shard's thread, after a success. */
    void finishWork() {
        works.forEach(work -> work.done.run());
    }

    List<SharedFile> files(LogDirectory directory) {
        return files.computeIfAbsent(directory, key -> new ArrayList<>());
    }

    void directory(LogDirectory directory, Path path) {
        directories.computeIfAbsent(directory, key -> new LinkedHashSet<>()).add(path);
    }

    void write(LogDirectory directory, Path file, byte[] content) {
        writes.add(new Write(directory, file, content, false, new AtomicBoolean()));
    }

    /** As {@link #write}, of what may stay as it was while the disk is full: {@link #lackedRoom} tells. */
    void writeIfRoom(LogDirectory directory, Path file, byte[] content) {
        writes.add(new Write(directory, file, content, true, new AtomicBoolean()));
    }

    /**
     * The directory's name is about to be free, and what is there next is another's: nothing more is to be written into it. From the shard's thread, also
     * while the ticket is out.
     *
     * @return false if something may have been begun: it may yet get there
     */
    boolean callOffWrites(Path in) {
        boolean isOff = true;
        for (Write write : writes) {
            if (in.equals(write.file.getParent())) {
                isOff &= write.isTaken.compareAndSet(false, true);
            }
        }
        return isOff;
    }

    /** Whether something of {@link #writeIfRoom} is not on disk. */
    boolean lackedRoom() {
        return lackedRoom;
    }

    List<Promise> promises() {
        return promises;
    }

    /** The log directories that could not be synced. */
    Map<LogDirectory, StorageException> failed() {
        return failed;
    }

    /**
     * Blocks until all of it is on disk. Any thread, once. One log directory's failure does not keep the others from being
     * synced.
     *
     * @throws StorageException if a log directory failed; it must not be tried again
     */
    public void sync() {
        sync(Spread.NONE);
    }

    /** As {@link #sync()}, with help. */
    public void sync(Spread spread) {
        run(works.stream().map(work -> new Step(work.directory, work.work)).toList(), spread);
        List<Step> syncs = new ArrayList<>();
        files.forEach((directory, shared) -> shared.forEach(
                file -> syncs.add(new Step(directory, () -> file.file().sync()))));
        run(syncs, spread);
        run(
                writes.stream()
                        .map(write -> new Step(write.directory, () -> writeUnlessGone(write)))
                        .toList(),
                spread);
        List<Step> names = new ArrayList<>();
        directories.forEach((directory, paths) ->
                paths.forEach(path -> names.add(new Step(directory, () -> syncUnlessGone(path)))));
        run(names, spread);
        StorageException first = firstFailure();
        if (first != null) {
            throw first;
        }
    }

    /** Gives the files back, whatever became of them. */
    void release() {
        files.values().forEach(shared -> shared.forEach(SharedFile::release));
        files.clear();
    }

    private @Nullable StorageException firstFailure() {
        return failed.isEmpty() ? null : failed.values().iterator().next();
    }

    private void run(List<Step> steps, Spread spread) {
        if (steps.isEmpty()) {
            return;
        }
        int count = Math.min(PIECES, steps.size());
        List<Map<LogDirectory, StorageException>> failures = new ArrayList<>(count);
        List<Runnable> pieces = new ArrayList<>(count);
        for (int piece = 0; piece < count; piece++) {
            Map<LogDirectory, StorageException> own = new LinkedHashMap<>();
            int first = piece;
            failures.add(own);
            pieces.add(() -> {
                for (int at = first; at < steps.size(); at += count) {
                    attempt(steps.get(at), own);
                }
            });
        }
        spread.run(pieces);
        failures.forEach(own -> own.forEach(failed::putIfAbsent));
    }

    private void attempt(Step step, Map<LogDirectory, StorageException> failures) {
        if (failed.containsKey(step.directory) || failures.containsKey(step.directory)) {
            return;
        }
        try {
            step.work.run();
        } catch (StorageException e) {
            failures.put(step.directory, e);
        }
    }

    /** A partition may be deleted, and its directory renamed, while the ticket is out: then there is nothing to keep. */
    private void writeUnlessGone(Write write) {
        try {
            if (write.isTaken.compareAndSet(false, true)) {
                DurableFile.write(disk, write.file, write.content);
            }
        } catch (StorageException e) {
            if (write.onlyIfRoom && e.kind() == Kind.NO_SPACE) {
                lackedRoom = true;
            } else {
                throwUnlessGone(e);
            }
        }
    }

    private void syncUnlessGone(Path path) {
        try {
            disk.syncDirectory(path);
        } catch (StorageException e) {
            throwUnlessGone(e);
        }
    }

    private static void throwUnlessGone(StorageException e) {
        if (e.kind() != Kind.NOT_FOUND) {
            throw e;
        }
    }
}
