// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.compaction;

/**
 * What a pass over a log would do.
 *
 * @param log to be cleaned
 * @param firstDirtyOffset keys are collected from here
 * @param endOffset exclusive: up to here, which is where a segment ends
 * @param cleanBytes of the segments below {@code firstDirtyOffset}
 * @param dirtyBytes of the segments the keys are collected from
 * @param overdue whether a record has waited for longer than {@code max.compaction.lag.ms}
 */
public record CompactionPlan(
        CleanableLog log, long firstDirtyOffset, long endOffset, long cleanBytes, long dirtyBytes, boolean overdue) {

    /** The share of the log that is not cleaned yet, 0 to 1. */
    public double dirtyRatio() {
        long total = cleanBytes + dirtyBytes;
        return total == 0 ? 0 : (double) dirtyBytes / total;
    }

    /** Whether the topic's settings ask for the pass now. */
    public boolean isDue() {
        return dirtyBytes > 0
                && (overdue || dirtyRatio() > log.config().compaction().minDirtyRatio());
    }
}
