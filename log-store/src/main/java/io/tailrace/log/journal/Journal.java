// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.journal;

import io.tailrace.log.disk.Disk;
import io.tailrace.log.disk.Disk.OpenMode;
import io.tailrace.log.disk.DiskFile;
import io.tailrace.log.disk.SharedFile;
import io.tailrace.log.disk.StorageException;
import io.tailrace.log.disk.StorageException.Kind;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * One shard's journal in one log directory.
 *
 * <p>The trouble: a batch counts when it is synced, and a producer spread over 2,000 partitions touches 2,000 files a turn. A
 * sync of a file that has grown also waits for the file system's own journal. So the turn's small appends are written here a
 * second time, one after the other, with one gathering write over bytes that exist already; one sync of this one file makes all
 * of them count. The segments get the same bytes without a sync, and readers read them there.
 *
 * <p>Two files take turns. When one is full, its partitions' segments are synced in the background, and once all are the file is
 * free to be written over. If the other is still full by then, the turn goes the direct way, as if there were no journal.
 *
 * <p>What earlier starts left counts as one more full file ({@link #inherit}) until the segments of all its logs are synced.
 *
 * <p>Recovery ({@link JournalFiles}) appends what a log's segments lack. That is right only if the log has nothing between its
 * segments' synced end and its first entry here: the log sees to that, by going the direct way until a sync has covered
 * everything that did. A log that is cut first syncs its segments and then notes the sequence up to which entries no longer
 * concern it.
 *
 * @param <L> who is told apart as a log
 */
public final class Journal<L> {

    private static final int FILES = 2;
    private static final int ZEROS_BYTES = 1 << 20;

    private enum State {
        /** No file yet, or one that is being filled with zeros. */
        UNPREPARED,
        FREE,
        ACTIVE,
        /** Full; the segments of its logs are being synced. */
        FULL
    }

    private final class Slot {
        private final Path path;
        private State state = State.UNPREPARED;
        private @Nullable SharedFile file;
        private int position;
        private boolean written;
        private final Map<L, Long> coverage = new LinkedHashMap<>();

        Slot(Path path) {
            this.path = path;
        }
    }

    /** A log with entries in the files of an earlier start. */
    private static final class Heir {
        private final Runnable released;
        private long endOffset = Long.MAX_VALUE;

        Heir(Runnable released) {
            this.released = released;
        }
    }

    private final Disk disk;
    private final Path directory;
    private final JournalPolicy policy;
    private final Map<L, Heir> heirs = new LinkedHashMap<>();
    /** Those of them that have taken in their entries, and whose segments are to be synced. */
    private final Set<L> recovered = new LinkedHashSet<>();

    private final List<Slot> slots = new ArrayList<>();
    private final CRC32C crc = new CRC32C();
    private ByteBuffer headers = ByteBuffer.allocateDirect(64 * JournalEntry.HEADER_BYTES);
    private ByteBuffer[] gather = new ByteBuffer[128];
    private long nextSequence;
    private @Nullable Slot active;
    private boolean isWanted;
    private boolean preparing;
    // Written by the sync thread, read by the shard's once the ticket is back: the hand-over orders the two.
    private boolean filled;

    public Journal(Disk disk, Path directory, int shard, long firstSequence, JournalPolicy policy) {
        this.disk = disk;
        this.directory = directory;
        this.policy = policy;
        this.nextSequence = firstSequence;
        for (int i = 0; i < FILES; i++) {
            slots.add(new Slot(directory.resolve(JournalFiles.name(firstSequence, shard, i))));
        }
    }

    /** What one log has for this turn. */
    public record Append<L>(
            L log,
            Uuid topicId,
            int partition,
            long startOffset,
            long endOffset,
            List<ByteBuffer> batches,
            int bytes) {}

    /** The sequence of the last entry written. */
    public long lastSequence() {
        return nextSequence - 1;
    }

    public JournalPolicy policy() {
        return policy;
    }

    /**
     * The work that makes the files, to be done by a sync thread; then {@link #prepared}. Those of an earlier start are used again. Else
     * zeros are written, so that later writes change neither the length nor the layout of the file, and syncing them is cheap. On a
     * full disk there is no journal.
     */
    public Runnable preparation() {
        List<Path> paths = slots.stream().map(slot -> slot.path).toList();
        return () -> {
            try {
                JournalFiles files = new JournalFiles(disk, directory);
                for (Path path : paths) {
                    if (!files.reuse(path, policy.fileBytes())) {
                        fill(path);
                    }
                }
                disk.syncDirectory(directory);
                filled = true;
            } catch (StorageException e) {
                if (e.kind() != Kind.NO_SPACE) {
                    throw e;
                }
                paths.forEach(disk::delete);
            }
        };
    }

    private void fill(Path path) {
        ByteBuffer zeros = ByteBuffer.allocateDirect(Math.min(ZEROS_BYTES, policy.fileBytes()));
        try (DiskFile file = disk.open(path, OpenMode.TRUNCATE)) {
            for (long at = 0; at < policy.fileBytes(); at += zeros.capacity()) {
                zeros.clear().limit((int) Math.min(zeros.capacity(), policy.fileBytes() - at));
                file.write(zeros, at);
            }
            file.sync();
        }
    }

    /**
     * Whether the files have to be made, because somebody had something for them, and nobody is at it; asking means that one will be.
     * A node that is started and not written to writes no zeros; one that recovers from a crash soon has the files it recovers from.
     */
    public boolean claimPreparation() {
        boolean claimed = policy.isOn() && isWanted && !preparing && heirs.isEmpty();
        preparing |= claimed;
        return claimed;
    }

    /** The preparation has been done. */
    public void prepared() {
        if (!filled) {
            return;
        }
        for (Slot slot : slots) {
            slot.file = new SharedFile(disk.open(slot.path, OpenMode.WRITE));
            slot.state = State.FREE;
        }
    }

    /** Whether that many more bytes, in that many entries, can be taken now. May retire the active file. */
    public boolean hasRoom(long bytes, int entries) {
        isWanted = true;
        long needed = bytes + (long) entries * JournalEntry.HEADER_BYTES;
        Slot slot = active;
        if (slot != null && slot.position + needed <= policy.fileBytes()) {
            return true;
        }
        if (needed > policy.fileBytes()) {
            return false;
        }
        for (Slot other : slots) {
            if (other.state == State.FREE) {
                if (slot != null) {
                    slot.state = State.FULL;
                }
                other.state = State.ACTIVE;
                other.position = 0;
                active = other;
                return true;
            }
        }
        return false;
    }

    /** Writes the appends, for which there is room, with one gathering write. Their buffers are read from 0 to limit and rewound. */
    public void write(List<Append<L>> appends) {
        Slot slot = active;
        if (slot == null || slot.file == null) {
            throw new IllegalStateException("no room was asked for");
        }
        int buffers = 0;
        for (Append<L> append : appends) {
            buffers += 1 + append.batches().size();
        }
        ensure(appends.size(), buffers);
        headers.clear();
        int count = 0;
        int bytes = 0;
        for (Append<L> append : appends) {
            int at = headers.position();
            JournalEntry.writeHeader(
                    headers,
                    nextSequence++,
                    append.topicId(),
                    append.partition(),
                    append.startOffset(),
                    append.endOffset(),
                    append.batches(),
                    crc);
            gather[count++] = headers.slice(at, JournalEntry.HEADER_BYTES);
            for (ByteBuffer batch : append.batches()) {
                gather[count++] = batch;
            }
            bytes += JournalEntry.HEADER_BYTES + append.bytes();
            slot.coverage.put(append.log(), append.endOffset());
        }
        slot.file.file().write(gather, count, slot.position);
        Arrays.fill(gather, 0, count, null);
        slot.position += bytes;
        slot.written = true;
    }

    private void ensure(int entries, int buffers) {
        if (headers.capacity() < entries * JournalEntry.HEADER_BYTES) {
            headers = ByteBuffer.allocateDirect(entries * JournalEntry.HEADER_BYTES * 2);
        }
        if (gather.length < buffers) {
            gather = new ByteBuffer[buffers * 2];
        }
    }

    /** The files written since the last call, each with a reference for the taker. */
    public List<SharedFile> drain() {
        List<SharedFile> files = new ArrayList<>(0);
        for (Slot slot : slots) {
            SharedFile file = slot.file;
            if (slot.written && file != null) {
                files.add(file.retain());
                slot.written = false;
            }
        }
        return files;
    }

    /**
     * The files of an earlier start have entries of the log.
     *
     * @param released runs once, when the log needs them no more
     */
    public void inherit(L log, Runnable released) {
        heirs.put(log, new Heir(released));
    }

    /** The log has taken in its entries, and no longer needs them once its segments are synced up to {@code endOffset}. */
    public void recovered(L log, long endOffset) {
        Heir heir = heirs.get(log);
        if (heir != null) {
            heir.endOffset = endOffset;
            recovered.add(log);
        }
    }

    /** The log will not take in its entries, or not sync its segments, before the next start, to which they are left. */
    public void abandon(L log) {
        heirs.remove(log);
        recovered.remove(log);
    }

    /** The logs whose segments a full file waits for. */
    public Set<L> awaited() {
        Set<L> awaited = new LinkedHashSet<>(recovered);
        for (Slot slot : slots) {
            if (slot.state == State.FULL) {
                awaited.addAll(slot.coverage.keySet());
            }
        }
        return awaited;
    }

    /** All logs with entries in any file. */
    public Set<L> covered() {
        Set<L> covered = new LinkedHashSet<>(recovered);
        slots.forEach(slot -> covered.addAll(slot.coverage.keySet()));
        return covered;
    }

    /** What there is of the log no longer matters: it was deleted, or cut with a note of it. */
    public void forget(L log) {
        slots.forEach(slot -> slot.coverage.remove(log));
        release();
        synced(log, Long.MAX_VALUE);
    }

    /** The log's segments are synced up to {@code endOffset}; frees the files that wait for no one else. */
    public void synced(L log, long endOffset) {
        Heir heir = heirs.get(log);
        if (heir != null && heir.endOffset <= endOffset) {
            heirs.remove(log);
            recovered.remove(log);
            heir.released.run();
        }
        for (Slot slot : slots) {
            Long awaited = slot.coverage.get(log);
            if (awaited != null && awaited <= endOffset) {
                slot.coverage.remove(log);
            }
        }
        release();
    }

    /** Frees the full files that wait for no one. */
    private void release() {
        for (Slot slot : slots) {
            if (slot.state == State.FULL && slot.coverage.isEmpty()) {
                slot.state = State.FREE;
            }
        }
    }

    /**
     * Closes the files.
     *
     * @param isDone whether all segments are synced, so that what the files hold is void
     */
    public void close(boolean isDone) {
        for (Slot slot : slots) {
            SharedFile file = slot.file;
            if (file != null) {
                file.release();
                slot.file = null;
            }
            if (isDone) {
                new JournalFiles(disk, directory).setAside(slot.path);
            }
            slot.state = State.UNPREPARED;
        }
        active = null;
    }
}
