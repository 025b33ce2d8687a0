// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.replication;

import io.tailrace.log.disk.Disk;
import io.tailrace.log.disk.DiskFile;
import io.tailrace.log.disk.RealDisk;
import io.tailrace.log.disk.StorageException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The real disk, until it fails or is full: then no write and no sync succeeds below one directory. */
final class FailingDisk implements Disk {

    private final Disk disk = new RealDisk();
    private volatile Path failed = Path.of("nothing");
    private volatile Path full = failed;
    private volatile Path unsynced = failed;

    void failBelow(Path directory) {
        failed = directory;
    }

    /** Writes succeed still: what the system has taken is not on the disk. */
    void failSyncsBelow(Path directory) {
        unsynced = directory;
    }

    /** For a while, perhaps. */
    void fillUpBelow(Path directory) {
        full = directory;
    }

    private void check(Path path) {
        if (path.startsWith(failed)) {
            throw new StorageException(StorageException.Kind.IO, "the disk of " + path + " has failed");
        }
        if (path.startsWith(full)) {
            throw new StorageException(StorageException.Kind.NO_SPACE, "the disk of " + path + " is full");
        }
    }

    @Override
    public DiskFile open(Path file, OpenMode mode) {
        if (mode != OpenMode.READ) {
            check(file);
        }
        DiskFile opened = disk.open(file, mode);
        return new DiskFile() {
            @Override
            public long size() {
                return opened.size();
            }

            @Override
            public void write(ByteBuffer[] buffers, int count, long position) {
                check(file);
                opened.write(buffers, count, position);
            }

            @Override
            public int read(ByteBuffer target, long position) {
                return opened.read(target, position);
            }

            @Override
            public void sync() {
                check(file);
                if (file.startsWith(unsynced)) {
                    throw new StorageException(StorageException.Kind.IO, "the disk of " + file + " does not sync");
                }
                opened.sync();
            }

            @Override
            public void truncate(long size) {
                check(file);
                opened.truncate(size);
            }

            @Override
            public Optional<FileChannel> channel() {
                return opened.channel();
            }

            @Override
            public void close() {
                opened.close();
            }
        };
    }

    @Override
    public void createDirectories(Path directory) {
        check(directory);
        disk.createDirectories(directory);
    }

    @Override
    public void rename(Path source, Path target) {
        check(target);
        disk.rename(source, target);
    }

    @Override
    public void syncDirectory(Path directory) {
        check(directory);
        disk.syncDirectory(directory);
    }

    @Override
    public List<String> list(Path directory) {
        return disk.list(directory);
    }

    @Override
    public boolean delete(Path path) {
        check(path);
        return disk.delete(path);
    }

    @Override
    public boolean exists(Path path) {
        return disk.exists(path);
    }

    @Override
    public long modifiedMs(Path file) {
        return disk.modifiedMs(file);
    }

    @Override
    public long size(Path file) {
        return disk.size(file);
    }

    @Override
    public boolean isDirectory(Path path) {
        return disk.isDirectory(path);
    }

    @Override
    public long usableBytes(Path directory) {
        return disk.usableBytes(directory);
    }
}
