// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.disk;

import java.nio.file.Path;
import java.util.List;

/**
 * What the log asks of a file system. Every method may throw {@link StorageException}, and no other exception for a fault of
 * the device; the caller decides what a fault means, and never tries the same write or sync again.
 *
 * <p>Durability: nothing is durable before a sync. A file's bytes and length are durable after {@link DiskFile#sync}; its name
 * (creation, rename, deletion) is durable after {@link #syncDirectory} of the directory that holds it.
 */
public interface Disk {

    /** How {@link #open} treats a file that is, or is not, there. */
    enum OpenMode {
        /** The file must exist; writes are refused. */
        READ,
        /** Read and write; the file must exist. */
        WRITE,
        /** Read and write; created empty when missing. */
        CREATE,
        /** Read and write; whatever was there is dropped first. */
        TRUNCATE
    }

    DiskFile open(Path file, OpenMode mode);

    /** Creates the directory and its missing parents; nothing happens if it exists. */
    void createDirectories(Path directory);

    /** Replaces {@code target} atomically if it exists. Works on files and, with a missing target, on directories. */
    void rename(Path source, Path target);

    /** Makes creations, renames and deletions inside the directory durable. Blocking; any thread. */
    void syncDirectory(Path directory);

    /** The names, not paths, of what the directory holds, sorted; empty if the directory is missing. */
    List<String> list(Path directory);

    /** Deletes a file or an empty directory; false if it was not there. */
    boolean delete(Path path);

    boolean exists(Path path);

    /** The length of a file in bytes, without opening it. */
    long size(Path file);

    /** When the content of a file was last changed, milliseconds since the epoch. */
    long modifiedMs(Path file);

    boolean isDirectory(Path path);

    /** Bytes this process may still write to the file system that holds {@code directory}. */
    long usableBytes(Path directory);
}
