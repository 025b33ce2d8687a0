// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.compaction;

import io.tailrace.log.LogConfig.CompactionConfig;
import java.util.Collection;
import java.util.Optional;

/**
 * Which log is cleaned next and how far; pure.
 *
 * <p>A pass goes up to the least of: the active segment's base, the last stable offset (which the high watermark bounds: what
 * is above may be truncated, and a key must never be lost to a record that goes; KAFKA-13194, KAFKA-9133), and the first
 * segment with a record younger than {@code min.compaction.lag.ms}. It ends between two segments, so that a segment is never
 * half judged: every transaction in it is decided, and every marker replicated. Among the logs that are due, the dirtiest comes
 * first.
 */
public final class CompactionPolicy {

    private CompactionPolicy() {}

    public static CompactionPlan plan(CleanableLog log, long nowMs) {
        CleanableLog.Bounds bounds = log.bounds();
        long firstDirty = bounds.firstDirtyOffset();
        if (firstDirty < bounds.logStartOffset() || firstDirty > bounds.activeBaseOffset()) {
            // The log was truncated or its start moved: nothing below the start is worth cleaning, all above may be
            // dirty.
            firstDirty = bounds.logStartOffset();
        }
        long bound = Math.min(bounds.activeBaseOffset(), bounds.lastStableOffset());
        CompactionConfig config = log.config().compaction();
        long end = firstDirty;
        long cleanBytes = 0;
        long dirtyBytes = 0;
        boolean overdue = false;
        for (SealedSegment segment : log.segments()) {
            if (segment.endOffset() <= firstDirty) {
                cleanBytes += segment.sizeBytes();
                continue;
            }
            boolean tooYoung = config.minLagMs() > 0 && segment.maxTimestampMs() > nowMs - config.minLagMs();
            if (segment.endOffset() > bound || tooYoung) {
                break;
            }
            end = segment.endOffset();
            dirtyBytes += segment.sizeBytes();
            overdue |= segment.firstTimestampMs() >= 0 && nowMs - segment.firstTimestampMs() > config.maxLagMs();
        }
        return new CompactionPlan(log, firstDirty, end, cleanBytes, dirtyBytes, overdue);
    }

    /** The dirtiest of the passes that are due; of equals the first. */
    public static Optional<CompactionPlan> dirtiest(Collection<CompactionPlan> plans) {
        CompactionPlan best = null;
        for (CompactionPlan plan : plans) {
            if (plan.isDue() && (best == null || plan.dirtyRatio() > best.dirtyRatio())) {
                best = plan;
            }
        }
        return Optional.ofNullable(best);
    }
}
