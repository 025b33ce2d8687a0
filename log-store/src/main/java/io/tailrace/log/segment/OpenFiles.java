// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.segment;

import io.tailrace.log.disk.Disk;
import io.tailrace.log.disk.Disk.OpenMode;
import io.tailrace.log.disk.DiskFile;
import io.tailrace.log.disk.SharedFile;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The files a shard keeps open between uses: at most {@code capacity}, the least recently used go first. A log that nobody
 * touches holds no file.
 *
 * <p>A {@link Handle} that is pinned has bytes to be synced and stays open, beyond the capacity if need be: the kernel tells a
 * failed write-back to descriptors that were open when it failed, so a file is synced through the descriptor that wrote it.
 */
public final class OpenFiles {

    private final Disk disk;
    private final int capacity;
    // Two rings, so that closing what was not used for longest never has to look past what must stay open. Their
    // sentinels' next is the
    // most, previous the least recently used.
    private final Handle closeable = new Handle(Path.of(""));
    private final Handle kept = new Handle(Path.of(""));
    private int open;

    public OpenFiles(Disk disk, int capacity) {
        this.disk = disk;
        this.capacity = capacity;
    }

    public Disk disk() {
        return disk;
    }

    /** How many files are open now. */
    public int openCount() {
        return open;
    }

    /** A file that is opened when it is first used. */
    public Handle handle(Path path) {
        return new Handle(path);
    }

    /** Drops the cache's references; files still shared close when their last user releases them. */
    public void closeAll() {
        closeAll(closeable);
        closeAll(kept);
    }

    private static void closeAll(Handle ring) {
        while (ring.next != ring) {
            ring.next.close();
        }
    }

    /** Closes what was not used for longest; never what is being used now. */
    private void evict() {
        while (open > capacity && closeable.previous != closeable.next) {
            closeable.previous.close();
        }
    }

    /** One file of the shard, open or not. */
    public final class Handle {

        private Path path;
        private @Nullable SharedFile shared;
        private boolean pinned;
        // Linked only while open, which is when a ring reads them.
        private Handle previous = this;
        private Handle next = this;

        private Handle(Path path) {
            this.path = path;
        }

        public Path path() {
            return path;
        }

        boolean isOpen() {
            return shared != null;
        }

        /** The file, which must exist, for reading and writing. Valid until another handle is used. */
        public DiskFile use() {
            return touch(OpenMode.WRITE).file();
        }

        /** As {@link #use}, but creates the file when it is missing. */
        public DiskFile create() {
            return touch(OpenMode.CREATE).file();
        }

        /** The file with a reference for the caller, who releases it. */
        public SharedFile share() {
            return touch(OpenMode.WRITE).retain();
        }

        /** Keeps the file open until {@link #unpin}. */
        public void pin() {
            move(true);
        }

        public void unpin() {
            move(false);
        }

        private void move(boolean pin) {
            if (pin == pinned) {
                return;
            }
            pinned = pin;
            if (shared != null) {
                unlink();
                linkFirst();
            }
        }

        /** Renames the file; it stays open. */
        public void rename(Path target) {
            disk.rename(path, target);
            path = target;
        }

        /** The file has moved with its directory. */
        public void movedTo(Path target) {
            path = target;
        }

        /** Drops the cache's reference, if there is one. */
        public void close() {
            SharedFile file = shared;
            if (file != null) {
                shared = null;
                pinned = false;
                unlink();
                open--;
                file.release();
            }
        }

        private SharedFile touch(OpenMode mode) {
            SharedFile file = shared;
            if (file == null) {
                file = new SharedFile(disk.open(path, mode));
                shared = file;
                open++;
                linkFirst();
                evict();
            } else if (ring().next != this) {
                unlink();
                linkFirst();
            }
            return file;
        }

        private Handle ring() {
            return pinned ? kept : closeable;
        }

        private void linkFirst() {
            Handle ring = ring();
            next = ring.next;
            previous = ring;
            next.previous = this;
            ring.next = this;
        }

        private void unlink() {
            previous.next = next;
            next.previous = previous;
            next = this;
            previous = this;
        }
    }
}
