// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.segment;

import io.tailrace.log.disk.Disk;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a partition's directory holds, listed once. */
public final class SegmentListing {

    private final Disk disk;
    private final Path directory;
    private final List<String> names;
    private final Set<String> known;

    public SegmentListing(Disk disk, Path directory) {
        this.disk = disk;
        this.directory = directory;
        this.names = disk.list(directory);
        this.known = new HashSet<>(names);
    }

    public Path directory() {
        return directory;
    }

    /** All names, sorted: so files of one kind come in the order of their offsets. */
    public List<String> names() {
        return names;
    }

    public boolean has(String name) {
        return known.contains(name);
    }

    /** The offsets of the files with that suffix, rising. */
    public long[] offsets(String suffix) {
        return names.stream()
                .flatMapToLong(name -> SegmentFiles.offset(name, suffix).stream())
                .toArray();
    }

    /** The length of that file, or -1 if it is not there. */
    public long sizeBytes(long baseOffset, String suffix) {
        String name = SegmentFiles.name(baseOffset, suffix);
        return known.contains(name) ? disk.size(directory.resolve(name)) : -1;
    }
}
