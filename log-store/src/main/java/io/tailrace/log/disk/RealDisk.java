// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.disk;

import io.tailrace.log.disk.StorageException.Kind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The file system of the machine. Stateless. */
public final class RealDisk implements Disk {

    @Override
    public DiskFile open(Path file, OpenMode mode) {
        try {
            return new RealDiskFile(
                    file,
                    switch (mode) {
                        case READ -> FileChannel.open(file, StandardOpenOption.READ);
                        case WRITE -> FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
                        case CREATE ->
                            FileChannel.open(
                                    file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
                        case TRUNCATE ->
                            FileChannel.open(
                                    file,
                                    StandardOpenOption.READ,
                                    StandardOpenOption.WRITE,
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.TRUNCATE_EXISTING);
                    });
        } catch (IOException e) {
            throw failure("open", file, e);
        }
    }

    @Override
    public void createDirectories(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw failure("create directory", directory, e);
        }
    }

    @Override
    public void rename(Path source, Path target) {
        try {
            Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new StorageException(Kind.IO, "no atomic rename from " + source + " to " + target, e);
        } catch (IOException e) {
            throw failure("rename", source, e);
        }
    }

    @Override
    public void syncDirectory(Path directory) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            throw failure("sync directory", directory, e);
        }
    }

    @Override
    public List<String> list(Path directory) {
        List<String> names = new ArrayList<>();
        try (var entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                names.add(entry.getFileName().toString());
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (IOException e) {
            throw failure("list", directory, e);
        }
        names.sort(Comparator.naturalOrder());
        return names;
    }

    @Override
    public boolean delete(Path path) {
        try {
            return Files.deleteIfExists(path);
        } catch (IOException e) {
            throw failure("delete", path, e);
        }
    }

    @Override
    public boolean exists(Path path) {
        return Files.exists(path);
    }

    @Override
    public long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw failure("ask the size of", file, e);
        }
    }

    @Override
    public long modifiedMs(Path file) {
        try {
            return Files.getLastModifiedTime(file).toMillis();
        } catch (IOException e) {
            throw failure("ask the time of", file, e);
        }
    }

    @Override
    public boolean isDirectory(Path path) {
        return Files.isDirectory(path);
    }

    @Override
    public long usableBytes(Path directory) {
        return directory.toFile().getUsableSpace(); // one statvfs; a FileStore would read the mount table
    }

    /** The JDK gives a full disk no type of its own: it is told by the operating system's text. */
    static StorageException failure(String what, Path path, IOException cause) {
        String text = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        Kind kind = cause instanceof NoSuchFileException
                ? Kind.NOT_FOUND
                : text.contains("no space left") || text.contains("quota exceeded") ? Kind.NO_SPACE : Kind.IO;
        return new StorageException(kind, "cannot " + what + " " + path + ": " + cause.getMessage(), cause);
    }
}
