// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where the data lies and how it is looked after.
 *
 * @param dirs data directories, at least one, distinct
 * @param minFreeBytes below so much free space in a directory, producers to it are refused
 */
public record StorageConfig(
        List<Path> dirs, long minFreeBytes, long retentionCheckMs, CleanerConfig cleaner, ScrubConfig scrub) {

    static final Key<List<String>> DIRS = Key.list(
            "log.dirs",
            "data",
            "directories with commas between them",
            "Directories for the data. Kafka's older log.dir is read too.");
    static final Key<Long> MIN_FREE = Key.number(
            "log.dir.min.free.bytes",
            268_435_456,
            0,
            "bytes",
            "With less than this free in a directory, producers to it get a retriable error; consumers go on.");
    static final Key<Long> RETENTION_CHECK = Key.number(
            "log.retention.check.interval.ms", 300_000, 1, "milliseconds", "How often old segments are looked for.");

    static final List<Key<?>> KEYS = Stream.concat(
                    Stream.of(DIRS, MIN_FREE, RETENTION_CHECK),
                    Stream.concat(CleanerConfig.KEYS.stream(), ScrubConfig.KEYS.stream()))
            .toList();

    static StorageConfig from(Settings settings) {
        Path base = settings.explicit(DIRS).isPresent() ? Path.of("") : home();
        List<Path> dirs = settings.get(DIRS).stream()
                .map(dir -> base.resolve(dir).toAbsolutePath().normalize())
                .distinct()
                .toList();
        if (dirs.isEmpty()) {
            settings.problem("log.dirs is empty: must be " + DIRS.allowed());
        }
        return new StorageConfig(
                dirs,
                settings.get(MIN_FREE),
                settings.get(RETENTION_CHECK),
                CleanerConfig.from(settings),
                ScrubConfig.from(settings));
    }

    /** A directory that somebody named is relative to where they stand; the default lies beside the program, wherever that is started from. */
    private static Path home() {
        return Path.of(System.getProperty("tailrace.home", ""));
    }
}
