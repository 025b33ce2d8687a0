// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.disk.Disk;
import io.tailrace.log.disk.StorageException;
import java.nio.file.Path;
import java.util.List;

/**
 * Some files and directories that nobody needs any more, in the order in which they have to go. They are handed out rather than deleted by the
 * shard, because a file system takes its time to free a large file: tens of milliseconds for each 100 MB in its cache.
 *
 * <p>Immutable. Whoever takes one has to see to it; a ticket that is lost leaves its files to the next start.
 */
public final class RemovalTicket {

    private final Disk disk;
    private final List<Path> paths;

    RemovalTicket(Disk disk, List<Path> paths) {
        this.disk = disk;
        this.paths = List.copyOf(paths);
    }

    /** Nothing is due. */
    public boolean isEmpty() {
        return paths.isEmpty();
    }

    /**
     * Blocks until they are gone. Any thread; one ticket of a shard at a time, so that a directory goes after its files.
     *
     * @throws StorageException if one could not be deleted; the ones after it are left, too, and the next start tries again
     */
    public void remove() {
        paths.forEach(disk::delete);
    }
}
