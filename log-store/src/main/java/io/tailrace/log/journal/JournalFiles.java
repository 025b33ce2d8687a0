// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.journal;

import io.tailrace.log.disk.Disk;
import io.tailrace.log.disk.Disk.OpenMode;
import io.tailrace.log.disk.DiskFile;
import io.tailrace.log.disk.StorageException;
import io.tailrace.log.disk.StorageException.Kind;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The journal files of a log directory: what those of earlier starts hold is read once, after a crash. When it is no longer needed they
 * are set aside as spares: a file that is there need not be filled again.
 */
public final class JournalFiles {

    /** No partition's directory has a name that ends so: those end in a number. */
    private static final String SUFFIX = ".journal";

    /** A file whose content is void. */
    private static final String SPARE = ".spare";

    /** A spare that somebody has taken and not made a journal yet; worthless after a crash. */
    private static final String CLAIMED = ".claimed";

    private static final int CHUNK_BYTES = 1 << 20;

    private final Disk disk;
    private final Path directory;

    public JournalFiles(Disk disk, Path directory) {
        this.disk = disk;
        this.directory = directory;
    }

    /** The name of a journal file: of one start, one shard, one of a few that take turns. */
    static String name(long firstSequence, int shard, int index) {
        return "shard-" + shard + "." + Long.toHexString(firstSequence) + "." + index + SUFFIX;
    }

    /** The journal files that are there, of all shards and starts. */
    public List<Path> list() {
        return disk.list(directory).stream()
                .filter(name -> name.endsWith(SUFFIX))
                .map(directory::resolve)
                .toList();
    }

    /**
     * All entries that were promised, and some that were not, in the order they were written, for each shard. A file may still
     * hold a part of an earlier lap: its entries are in segments since, and found there.
     */
    public List<JournalEntry> read() {
        List<List<JournalEntry>> files = new ArrayList<>();
        for (Path path : list()) {
            List<JournalEntry> entries = read(path);
            if (!entries.isEmpty()) {
                files.add(entries);
            }
        }
        files.sort(Comparator.comparingLong(entries -> entries.getFirst().sequence()));
        List<JournalEntry> all = new ArrayList<>();
        files.forEach(all::addAll);
        return all;
    }

    private List<JournalEntry> read(Path path) {
        try (DiskFile file = disk.open(path, OpenMode.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
            for (int at = 0; at < bytes.capacity(); at = bytes.position()) {
                bytes.limit(Math.min(bytes.capacity(), at + CHUNK_BYTES));
                if (file.read(bytes, at) == 0) {
                    break;
                }
            }
            List<JournalEntry> entries = parse(path, bytes.flip());
            if (!entries.isEmpty()) {
                file.sync(); // the last entries may be nowhere but in memory, and are about to be relied on
            }
            return entries;
        }
    }

    private List<JournalEntry> parse(Path path, ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        List<JournalEntry> entries = new ArrayList<>();
        int position = 0;
        long next = 0;
        while (true) {
            int length = JournalEntry.soundLength(bytes, position, next, crc);
            if (length == 0) {
                return entries;
            }
            int at = position + JournalEntry.HEADER_BYTES;
            int size = length - JournalEntry.HEADER_BYTES;
            JournalEntry entry = JournalEntry.read(bytes, position, () -> read(path, at, size));
            if (next > 0 && entry.sequence() != next) {
                return entries;
            }
            entries.add(entry);
            next = entry.sequence() + 1;
            position += length;
        }
    }

    private ByteBuffer read(Path path, int position, int size) {
        try (DiskFile file = disk.open(path, OpenMode.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate(size);
            file.read(bytes, position);
            return bytes.flip();
        }
    }

    /** Nobody needs any more what the file holds. Durable once its directory is synced, which has to be before a log is cut. */
    public void setAside(Path file) {
        String name = String.valueOf(file.getFileName());
        String stem = name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
        try {
            disk.rename(file, file.resolveSibling(stem + SPARE));
        } catch (StorageException e) {
            if (e.kind() != Kind.NOT_FOUND) {
                throw e;
            }
        }
    }

    /** Removes what a crash left half made. */
    public void removeClaimed() {
        for (String name : disk.list(directory)) {
            if (name.endsWith(CLAIMED)) {
                disk.delete(directory.resolve(name));
            }
        }
    }

    /**
     * Makes a spare of just that size the file {@code target}, without entries. Any thread; whoever renames a spare first has it.
     *
     * @return false if there is none
     */
    boolean reuse(Path target, int fileBytes) {
        Path claimed = target.resolveSibling(target.getFileName() + CLAIMED);
        for (String name : disk.list(directory)) {
            if (name.endsWith(SPARE) && claim(directory.resolve(name), claimed)) {
                if (disk.size(claimed) == fileBytes) {
                    forgetEntries(claimed);
                    disk.rename(claimed, target);
                    return true;
                }
                disk.delete(claimed);
            }
        }
        return false;
    }

    private boolean claim(Path spare, Path claimed) {
        try {
            disk.rename(spare, claimed);
            return true;
        } catch (StorageException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return false; // another shard was faster
            }
            throw e;
        }
    }

    /** Reading stops at the first entry that is not sound: without the first header there is none. */
    private void forgetEntries(Path path) {
        try (DiskFile file = disk.open(path, OpenMode.WRITE)) {
            file.write(ByteBuffer.allocate(JournalEntry.HEADER_BYTES), 0);
            file.sync();
        }
    }
}
