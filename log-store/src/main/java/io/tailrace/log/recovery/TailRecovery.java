// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.recovery;

import io.tailrace.log.LogConfig.SegmentConfig;
import io.tailrace.log.segment.Segment;
import io.tailrace.log.segment.SegmentFiles;
import io.tailrace.log.segment.SegmentListing;
import io.tailrace.log.segment.SegmentScan;
import io.tailrace.log.segment.Workbench;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Finds where a log ends. Segments wholly below the recovery point are taken as they are; from there on every batch is
 * checked. A segment behind a torn one, or one that does not begin where the last one ended, was never synced in order and
 * goes: what is above the recovery point was promised to no one.
 */
final class TailRecovery {

    /**
     * @param segments from the oldest to the active one, at least one
     * @param checkedFromOffset batches from here on were checked
     * @param isClean the log ended at its recovery point
     * @param isChanged something was cut off
     */
    record Recovered(List<Segment> segments, long checkedFromOffset, boolean isClean, boolean isChanged) {}

    private final Workbench bench;
    private final SegmentListing listing;
    private final SegmentConfig config;
    private final Consumer<Path> retired;
    private boolean changed;
    private int leaderEpoch = -1;

    TailRecovery(Workbench bench, SegmentListing listing, SegmentConfig config, Consumer<Path> retired) {
        this.bench = bench;
        this.listing = listing;
        this.config = config;
        this.retired = retired;
    }

    Recovered run(long recoveryPoint, long logStartOffset) {
        long[] bases = listing.offsets(SegmentFiles.LOG);
        if (bases.length == 0) {
            if (recoveryPoint > logStartOffset) {
                throw LogLoader.corrupt("no segment is left of a log that was synced up to " + recoveryPoint);
            }
            Segment empty = Segment.create(bench, listing.directory(), logStartOffset);
            return new Recovered(List.of(empty), logStartOffset, true, false);
        }
        List<Segment> segments = new ArrayList<>(bases.length);
        int firstChecked = firstChecked(bases, recoveryPoint);
        for (int i = 0; i < firstChecked; i++) {
            Segment sealed = Segment.existing(bench, listing, bases[i]);
            sealed.believe(bases[i + 1], config.indexIntervalBytes());
            segments.add(sealed);
        }
        long checkedFrom = bases[firstChecked];
        boolean sound = true;
        for (int i = firstChecked; i < bases.length; i++) {
            boolean follows =
                    i == firstChecked || bases[i] == segments.getLast().endOffset();
            if (!sound || !follows) {
                drop(bases[i]);
                sound = false;
                continue;
            }
            Segment segment = Segment.existing(bench, listing, bases[i]);
            int entry = i == firstChecked ? segment.believableEntry(recoveryPoint) : -1;
            sound = check(segment, entry, recoveryPoint);
            if (entry >= 0) {
                checkedFrom = Math.min(recoveryPoint, segment.endOffset());
            }
            segments.add(segment);
        }
        long end = segments.getLast().endOffset();
        if (end < recoveryPoint) {
            throw LogLoader.corrupt("the log ends at " + end + " but was synced up to " + recoveryPoint);
        }
        return new Recovered(segments, checkedFrom, end == recoveryPoint && !changed, changed);
    }

    /** The last segment that begins below the recovery point, or the first one there is. */
    private static int firstChecked(long[] bases, long recoveryPoint) {
        int index = 0;
        while (index + 1 < bases.length && bases[index + 1] < recoveryPoint) {
            index++;
        }
        return index;
    }

    private boolean check(Segment segment, int entry, long recoveryPoint) {
        long size = segment.sizeBytes();
        SegmentScan scan = new SegmentScan(segment, size, leaderEpoch);
        boolean sound = scan.run(entry, config.indexIntervalBytes());
        if (entry >= 0 && segment.endOffset() < recoveryPoint) {
            // Either the index led astray or promised bytes are gone: from the start it will show.
            scan = new SegmentScan(segment, size, leaderEpoch);
            sound = scan.run(-1, config.indexIntervalBytes());
        }
        leaderEpoch = scan.leaderEpoch();
        if (!sound && segment.endOffset() < recoveryPoint) {
            throw LogLoader.corrupt("the batch after offset " + segment.endOffset() + " of " + segment
                    + " is damaged; it was synced, as all up to " + recoveryPoint);
        }
        if (!sound) {
            changed = true;
        }
        return sound;
    }

    private void drop(long baseOffset) {
        changed = true;
        for (String suffix : List.of(
                SegmentFiles.LOG, SegmentFiles.OFFSET_INDEX, SegmentFiles.TIME_INDEX, SegmentFiles.TRANSACTION_INDEX)) {
            String name = SegmentFiles.name(baseOffset, suffix);
            if (listing.has(name)) {
                Path file = listing.directory().resolve(name);
                Path target = file.resolveSibling(name + SegmentFiles.DELETED);
                bench.disk().rename(file, target);
                retired.accept(target);
            }
        }
    }
}
