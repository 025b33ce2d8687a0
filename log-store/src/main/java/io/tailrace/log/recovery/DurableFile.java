// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.recovery;

import io.tailrace.log.disk.Disk;
import io.tailrace.log.disk.Disk.OpenMode;
import io.tailrace.log.disk.DiskFile;
import io.tailrace.log.disk.StorageException;
import io.tailrace.log.disk.StorageException.Kind;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Small files that must be whole: written beside their place, synced, renamed into it, and the directory synced (KAFKA-16541
 * is what comes of leaving one of these out). A crash leaves the old content or the new.
 */
public final class DurableFile {

    /** What such a file is called until it is renamed; left-overs are worthless. */
    public static final String TEMPORARY = ".tmp";

    private DurableFile() {}

    /** Blocks until the content is on disk under its name. */
    public static void write(Disk disk, Path file, byte[] content) {
        Path temporary = file.resolveSibling(file.getFileName() + TEMPORARY);
        try (DiskFile target = disk.open(temporary, OpenMode.TRUNCATE)) {
            target.write(ByteBuffer.wrap(content), 0);
            target.sync();
        }
        disk.rename(temporary, file);
        Path directory = file.getParent();
        if (directory != null) {
            disk.syncDirectory(directory);
        }
    }

    /** The content, empty if there is no such file. */
    public static Optional<byte[]> read(Disk disk, Path file) {
        try (DiskFile source = disk.open(file, OpenMode.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) source.size());
            source.read(bytes, 0);
            return Optional.of(bytes.array());
        } catch (StorageException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
