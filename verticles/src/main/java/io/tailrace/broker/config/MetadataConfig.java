// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The metadata log.
 *
 * @param dir where it lies; the first data directory unless set
 * @param snapshotBytes a snapshot is taken after so many bytes of records
 * @param snapshotIntervalMs a snapshot is taken after so long if there are any records to put in it; 0 for never
 */
public record MetadataConfig(Path dir, long snapshotBytes, long snapshotIntervalMs) {

    static final Key<Optional<String>> DIR = Key.optional(
            "metadata.log.dir", "a directory", "Directory of the metadata log. Empty means the first of log.dirs.");
    static final Key<Long> SNAPSHOT_BYTES = Key.number(
            "metadata.log.max.record.bytes.between.snapshots",
            20_971_520,
            1,
            "bytes",
            "A metadata snapshot is taken after so many bytes of metadata records.");
    static final Key<Long> SNAPSHOT_INTERVAL = Key.number(
            "metadata.log.max.snapshot.interval.ms",
            3_600_000,
            0,
            "milliseconds",
            "A metadata snapshot is taken after so long if anything changed. 0 means never for this reason.");

    static final List<Key<?>> KEYS = List.of(DIR, SNAPSHOT_BYTES, SNAPSHOT_INTERVAL);

    static MetadataConfig from(Settings settings, StorageConfig storage) {
        Path dir = settings.get(DIR)
                .map(text -> Path.of(text).toAbsolutePath().normalize())
                .orElseGet(() ->
                        storage.dirs().isEmpty() ? Path.of("") : storage.dirs().get(0));
        return new MetadataConfig(dir, settings.get(SNAPSHOT_BYTES), settings.get(SNAPSHOT_INTERVAL));
    }
}
