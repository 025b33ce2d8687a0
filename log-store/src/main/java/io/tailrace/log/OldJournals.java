// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.disk.Disk;
import io.tailrace.log.journal.JournalEntry;
import io.tailrace.log.journal.JournalFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * The journals that earlier starts left in a log directory. Read once, for all shards; set aside when each partition that may need
 * them has its entries, on disk, in its segments: which is long after the start. Shards may take from it in parallel.
 */
final class OldJournals {

    static final OldJournals NONE = new OldJournals(null, Path.of(""), List.of(), new ConcurrentHashMap<>(), 0);

    private record Key(Uuid topicId, int partition) {}

    private final @Nullable Disk disk;
    private final Path directory;
    private final List<Path> files;
    private final ConcurrentHashMap<Key, List<JournalEntry>> entries;
    private final AtomicInteger waiting;

    private OldJournals(
            @Nullable Disk disk,
            Path directory,
            List<Path> files,
            ConcurrentHashMap<Key, List<JournalEntry>> entries,
            int waiting) {
        this.disk = disk;
        this.directory = directory;
        this.files = files;
        this.entries = entries;
        this.waiting = new AtomicInteger(waiting);
    }

    /** @param unclean how many partitions may need them; with none, they are set aside at once */
    static OldJournals read(Disk disk, Path directory, int unclean) {
        JournalFiles journals = new JournalFiles(disk, directory);
        List<Path> files = journals.list();
        journals.removeClaimed();
        if (unclean == 0) {
            files.forEach(journals::setAside);
            return NONE;
        }
        ConcurrentHashMap<Key, List<JournalEntry>> entries = new ConcurrentHashMap<>();
        for (JournalEntry entry : journals.read()) {
            entries.computeIfAbsent(new Key(entry.topicId(), entry.partition()), key -> new ArrayList<>())
                    .add(entry);
        }
        return new OldJournals(disk, directory, files, entries, unclean);
    }

    /** What there is of a partition, in the order it was written. Given out once. */
    List<JournalEntry> take(Uuid topicId, int partition) {
        List<JournalEntry> found = entries.remove(new Key(topicId, partition));
        return found == null ? List.of() : found;
    }

    /** One of the partitions that were waited for no longer needs the journals. */
    void done() {
        Disk owner = disk;
        if (waiting.decrementAndGet() == 0 && owner != null) {
            files.forEach(new JournalFiles(owner, directory)::setAside);
            owner.syncDirectory(directory); // else a crash brings them back, and with them what a log has cut since
        }
    }
}
