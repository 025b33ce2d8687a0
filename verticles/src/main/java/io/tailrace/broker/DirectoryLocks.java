// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

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
 * Holds the data directories against other nodes, of this process and of others. The system lets go of the locks when the process ends, however it ends: nothing has to be
 * cleaned up after a crash.
 */
final class DirectoryLocks implements AutoCloseable {

    private static final String FILE = ".lock";

    private final List<FileChannel> channels = new ArrayList<>();

    private DirectoryLocks() {}

    /**
     * Makes the directories if they are missing, and locks all of them or none.
     *
     * @throws IOException if one cannot be written, or another node has it; the message is written for the operator
     */
    static DirectoryLocks take(List<Path> dirs) throws IOException {
        DirectoryLocks locks = new DirectoryLocks();
        try {
            for (Path dir : dirs) {
                locks.lock(dir);
            }
            return locks;
        } catch (IOException refused) {
            locks.close();
            throw refused;
        }
    }

    private void lock(Path dir) throws IOException {
        FileLock lock;
        try {
            Files.createDirectories(dir);
            FileChannel channel =
                    FileChannel.open(dir.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channels.add(channel);
            lock = channel.tryLock();
        } catch (OverlappingFileLockException ours) {
            lock = null;
        } catch (AccessDeniedException denied) {
            throw new IOException("log.dirs: " + dir + " cannot be written: permission denied");
        } catch (FileAlreadyExistsException file) {
            throw new IOException("log.dirs: " + dir + " is a file, not a directory");
        } catch (IOException failed) {
            throw new IOException("log.dirs: " + dir + " cannot be used: " + failed);
        }
        if (lock == null) {
            throw inUse(dir);
        }
    }

    private static IOException inUse(Path dir) {
        return new IOException(
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
