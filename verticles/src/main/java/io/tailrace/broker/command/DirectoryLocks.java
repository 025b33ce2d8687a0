// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.command;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Holds the data directories against other processes. The system lets go of the locks when the process ends, however it ends: nothing has to be
 * cleaned up after a crash.
 */
final class DirectoryLocks implements AutoCloseable {

    private static final String FILE = ".lock";

    private final List<FileChannel> channels = new ArrayList<>();

    private DirectoryLocks() {}

    /**
     * Makes the directories if they are missing, and locks all of them or none.
     *
     * @throws RefusedException if one cannot be written, or another process has it
     */
    static DirectoryLocks take(List<Path> dirs) {
        DirectoryLocks locks = new DirectoryLocks();
        try {
            dirs.forEach(locks::lock);
            return locks;
        } catch (RuntimeException refused) {
            locks.close();
            throw refused;
        }
    }

    private void lock(Path dir) {
        try {
            Files.createDirectories(dir);
            FileChannel channel =
                    FileChannel.open(dir.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channels.add(channel);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw inUse(dir);
            }
        } catch (OverlappingFileLockException ours) {
            throw inUse(dir);
        } catch (AccessDeniedException denied) {
            throw new RefusedException("log.dirs: " + dir + " cannot be written: permission denied");
        } catch (FileAlreadyExistsException file) {
            throw new RefusedException("log.dirs: " + dir + " is a file, not a directory");
        } catch (IOException failed) {
            throw new RefusedException("log.dirs: " + dir + " cannot be used: " + failed);
        }
    }

    private static RefusedException inUse(Path dir) {
        return new RefusedException(
                "log.dirs: " + dir + " is in use by another broker. Stop it, or give this one a directory of its own:"
                        + " --override log.dirs=DIR");
    }

    @Override
    public void close() {
        for (FileChannel channel : channels) {
            try {
                channel.close();
            } catch (IOException gone) {
                continue; // closing is all that was wanted
            }
        }
    }
}
