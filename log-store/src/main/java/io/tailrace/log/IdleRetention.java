// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.LogConfig.RetentionConfig;
import io.tailrace.log.disk.Disk;
import io.tailrace.log.segment.SegmentFiles;
import io.tailrace.log.segment.SegmentListing;
import java.nio.file.Path;

/**
 * Looks at a log that is not in use from outside: whether it is worth loading for retention. Names, sizes and times of its files tell.
 *
 * <p>The time of a file stands for that of its records, as it is at least as late for what producers write as it happens. A log that is not in
 * use and was given old records late, by a copy, keeps them until they have lain here for {@code retention.ms}, or until it is used.
 */
final class IdleRetention {

    private IdleRetention() {}

    /** Whether the oldest segment may have had its time. */
    static boolean mayBeDue(Disk disk, Path directory, RetentionConfig config, long logStartOffset, long nowMs) {
        SegmentListing listing = new SegmentListing(disk, directory);
        long[] bases = listing.offsets(SegmentFiles.LOG);
        if (bases.length == 0) {
            return false;
        }
        long firstBytes = listing.sizeBytes(bases[0], SegmentFiles.LOG);
        if (bases.length == 1 && firstBytes == 0) {
            return false;
        }
        if (bases.length > 1 && bases[1] <= logStartOffset) {
            return true;
        }
        return config.deletes()
                && (isOld(disk, directory, config, bases[0], nowMs) || isLarge(listing, config, bases, firstBytes));
    }

    private static boolean isOld(Disk disk, Path directory, RetentionConfig config, long base, long nowMs) {
        Path file = directory.resolve(SegmentFiles.name(base, SegmentFiles.LOG));
        return config.retentionMs() >= 0 && disk.modifiedMs(file) < nowMs - config.retentionMs();
    }

    private static boolean isLarge(SegmentListing listing, RetentionConfig config, long[] bases, long firstBytes) {
        if (config.retentionBytes() < 0) {
            return false;
        }
        long bytes = -firstBytes;
        for (long base : bases) {
            bytes += listing.sizeBytes(base, SegmentFiles.LOG);
        }
        return bytes >= config.retentionBytes();
    }
}
