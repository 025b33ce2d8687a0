// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.disk;

import io.tailrace.log.disk.StorageException.Kind;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A disk in memory that does what real ones do when it hurts. Single-threaded.
 *
 * <p>Bytes are durable after a sync of their file, names after a sync of a directory. Names go through one journal, as on ext4:
 * a crash keeps a prefix of the operations since the last directory sync. Of unsynced bytes it keeps any of the 512-byte blocks.
 *
 * <p>Faults: {@link #capacityBytes} (ENOSPC), {@link #failWrites}, {@link #failSyncs}, {@link #flipBit}, {@link #crashAt}.
 */
public final class SimDisk implements Disk {

    /** The power goes in the middle of an operation: only {@link SimDisk#afterCrash} can be used from here on. */
    public static final class PowerCut extends RuntimeException {
        private static final long serialVersionUID = 1L;

        PowerCut() {
            super("power cut", null, false, false);
        }
    }

    /** Empty stands for a directory. */
    private final TreeMap<Path, Optional<SimFile>> names = new TreeMap<>();

    private final TreeMap<Path, Optional<SimFile>> durableNames = new TreeMap<>();
    private final List<Consumer<TreeMap<Path, Optional<SimFile>>>> journal = new ArrayList<>();
    private long capacityBytes = Long.MAX_VALUE;
    private long modifiedMs;
    private int failingWrites;
    private int failingSyncs;
    private long operationsLeft = Long.MAX_VALUE;
    private boolean isOff;
    private long operations;
    private long writes;
    private long syncs;

    /** How many writes, syncs and changes of names there were. */
    public long operations() {
        return operations;
    }

    public long writes() {
        return writes;
    }

    public long syncs() {
        return syncs;
    }

    /** All files together may have no more bytes than this. */
    public void capacityBytes(long bytes) {
        capacityBytes = bytes;
    }

    /** The next writes fail with an I/O error, having written an unknown part. */
    public void failWrites(int count) {
        failingWrites = count;
    }

    /** The next syncs fail; those after them lie, as a kernel does. */
    public void failSyncs(int count) {
        failingSyncs = count;
    }

    /** The power goes at the given operation from now, 0 being the next. */
    public void crashAt(long operation) {
        operationsLeft = operation;
    }

    /** Flips a bit of what is on the platter. */
    public void flipBit(Path path, long bit) {
        SimFile file = file(path);
        file.bytes[(int) (bit / 8)] ^= (byte) (1 << (bit % 8));
        file.sync();
    }

    /** What the disk holds when the power is back. */
    public SimDisk afterCrash(Random random) {
        int kept = random.nextInt(journal.size() + 1);
        journal.subList(0, kept).forEach(operation -> operation.accept(durableNames));
        SimDisk after = new SimDisk();
        durableNames.forEach((path, file) -> after.names.put(path, file.map(f -> f.afterCrash(random))));
        after.durableNames.putAll(after.names);
        isOff = true;
        return after;
    }

    @Override
    public DiskFile open(Path file, OpenMode mode) {
        Optional<SimFile> known = names.get(file);
        if (known != null && known.isEmpty()) {
            throw new StorageException(Kind.IO, file + " is a directory");
        }
        if (known == null && (mode == OpenMode.READ || mode == OpenMode.WRITE || !isDirectory(file.getParent()))) {
            throw new StorageException(Kind.NOT_FOUND, "no file " + file);
        }
        SimFile opened = known == null ? new SimFile() : known.get();
        if (known == null) {
            change(all -> all.put(file, Optional.of(opened)));
        } else if (mode == OpenMode.TRUNCATE) {
            opened.truncate(0);
        }
        return new Opened(file, opened);
    }

    @Override
    public void createDirectories(Path directory) {
        if (!names.containsKey(directory)) {
            Path parent = directory.getParent();
            if (parent != null) {
                createDirectories(parent);
            }
            change(all -> all.put(directory, Optional.empty()));
        }
    }

    @Override
    public void rename(Path source, Path target) {
        if (!names.containsKey(source)) {
            throw new StorageException(Kind.NOT_FOUND, "no file " + source);
        }
        change(all -> {
            Map<Path, Optional<SimFile>> moved = new TreeMap<>();
            all.forEach((path, file) -> {
                if (path.startsWith(source)) {
                    moved.put(path, file);
                }
            });
            moved.keySet().forEach(all::remove);
            moved.forEach((path, file) ->
                    all.put(path.equals(source) ? target : target.resolve(source.relativize(path)), file));
        });
    }

    @Override
    public void syncDirectory(Path directory) {
        operation();
        if (!isDirectory(directory)) {
            throw new StorageException(Kind.NOT_FOUND, "no directory " + directory);
        }
        syncs++;
        journal.forEach(operation -> operation.accept(durableNames));
        journal.clear();
    }

    @Override
    public List<String> list(Path directory) {
        List<String> found = new ArrayList<>();
        for (Path path : names.keySet()) {
            if (directory.equals(path.getParent())) {
                found.add(path.getFileName().toString());
            }
        }
        found.sort(String::compareTo);
        return found;
    }

    @Override
    public boolean delete(Path path) {
        if (!names.containsKey(path)) {
            return false;
        }
        change(all -> all.remove(path));
        return true;
    }

    @Override
    public boolean exists(Path path) {
        return names.containsKey(path);
    }

    @Override
    public long size(Path file) {
        return file(file).size;
    }

    @Override
    public long modifiedMs(Path file) {
        file(file); // it has to be there
        return modifiedMs;
    }

    /** The time that every file tells. */
    public void allModifiedMs(long timeMs) {
        modifiedMs = timeMs;
    }

    @Override
    public boolean isDirectory(Path path) {
        Optional<SimFile> known = names.get(path);
        return known != null && known.isEmpty();
    }

    @Override
    public long usableBytes(Path directory) {
        return capacityBytes == Long.MAX_VALUE ? capacityBytes : Math.max(0, capacityBytes - usedBytes());
    }

    public long usedBytes() {
        long used = 0;
        for (Optional<SimFile> file : names.values()) {
            used += file.map(f -> f.size).orElse(0);
        }
        return used;
    }

    private SimFile file(Path file) {
        Optional<SimFile> known = names.get(file);
        if (known == null || known.isEmpty()) {
            throw new StorageException(Kind.NOT_FOUND, "no file " + file);
        }
        return known.get();
    }

    private void change(Consumer<TreeMap<Path, Optional<SimFile>>> operation) {
        operation();
        operation.accept(names);
        journal.add(operation);
    }

    private void operation() {
        if (isOff || operationsLeft-- <= 0) {
            isOff = true;
            throw new PowerCut();
        }
        operations++;
    }

    private final class Opened implements DiskFile {
        private final Path path;
        private final SimFile file;
        private boolean closed;

        Opened(Path path, SimFile file) {
            this.path = path;
            this.file = file;
        }

        @Override
        public long size() {
            requireOpen();
            return file.size;
        }

        @Override
        public void write(ByteBuffer[] buffers, int count, long position) {
            requireOpen();
            int total = 0;
            for (int i = 0; i < count; i++) {
                total += buffers[i].remaining();
            }
            byte[] bytes = new byte[total];
            int at = 0;
            for (int i = 0; i < count; i++) {
                int length = buffers[i].remaining();
                buffers[i].get(bytes, at, length);
                at += length;
            }
            if (isOff || operationsLeft <= 0 || failingWrites > 0) {
                file.write((int) position, bytes, isOff ? 0 : total / 2);
            }
            operation();
            writes++;
            if (failingWrites > 0) {
                failingWrites--;
                throw new StorageException(Kind.IO, "write error on " + path);
            }
            long grown = Math.max(0, position + total - file.size);
            if (capacityBytes != Long.MAX_VALUE && usedBytes() + grown > capacityBytes) {
                int fits = (int) Math.max(0, Math.min(total, capacityBytes - usedBytes()));
                file.write((int) position, bytes, fits);
                throw new StorageException(Kind.NO_SPACE, "no space left for " + path);
            }
            file.write((int) position, bytes, total);
        }

        @Override
        public int read(ByteBuffer target, long position) {
            requireOpen();
            int length = (int) Math.max(0, Math.min(target.remaining(), file.size - position));
            target.put(file.bytes, (int) Math.min(position, file.bytes.length), length);
            return length;
        }

        @Override
        public void sync() {
            requireOpen();
            operation();
            syncs++;
            if (failingSyncs > 0) {
                failingSyncs--;
                file.failSync();
                throw new StorageException(Kind.IO, "sync error on " + path);
            }
            file.sync();
        }

        @Override
        public void truncate(long size) {
            requireOpen();
            operation();
            file.truncate((int) size);
        }

        @Override
        public Optional<FileChannel> channel() {
            return Optional.empty();
        }

        @Override
        public void close() {
            closed = true;
        }

        private void requireOpen() {
            if (closed) {
                throw new IllegalStateException(path + " is closed");
            }
        }
    }
}
