// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.journal;

import io.tailrace.log.disk.Disk;
import io.tailrace.log.disk.Disk.OpenMode;
import io.tailrace.log.disk.DiskFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.zip.CRC32C;

/** What the journals of earlier starts hold: read once, after a crash, and put into the logs before anything new is written. */
public final class JournalFiles {

    /** No partition's directory has a name that ends so: those end in a number. */
    private static final String SUFFIX = ".journal";

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
        CRC32C crc = new CRC32C();
        List<JournalEntry> entries = new ArrayList<>();
        ByteBuffer bytes;
        try (DiskFile file = disk.open(path, OpenMode.READ)) {
            bytes = ByteBuffer.allocate((int) file.size());
            file.read(bytes, 0);
            bytes.flip();
        }
        int position = 0;
        long next = 0;
        while (true) {
            int length = JournalEntry.soundLength(bytes, position, next, crc);
            if (length == 0) {
                return entries;
            }
            JournalEntry entry = JournalEntry.read(bytes, position, length);
            if (next > 0 && entry.sequence() != next) {
                return entries;
            }
            entries.add(entry);
            next = entry.sequence() + 1;
            position += length;
        }
    }
}
