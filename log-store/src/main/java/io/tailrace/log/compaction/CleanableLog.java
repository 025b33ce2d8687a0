// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.compaction;

import io.tailrace.log.LogConfig;
import io.tailrace.log.txn.AbortedTransaction;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A picture of a log as the shard thread saw it; immutable, so that a worker may look at it for as long as it takes.
 *
 * @param directory of the partition
 * @param config of the topic
 * @param segments all but the active one, in the order of offsets
 * @param bounds the offsets that limit cleaning
 * @param aborted the aborted transactions of the sealed segments, in any order
 * @param lastBatches by producer id, of all producers the log remembers
 */
public record CleanableLog(
        Path directory,
        LogConfig config,
        List<SealedSegment> segments,
        Bounds bounds,
        List<AbortedTransaction> aborted,
        Map<Long, LastBatch> lastBatches) {

    /**
     * @param logStartOffset what lies below is going to be deleted
     * @param firstDirtyOffset the end (exclusive) of what the last pass cleaned; 0 if there was none
     * @param activeBaseOffset of the segment that is written
     * @param lastStableOffset at most the high watermark: what lies above may be truncated, or is undecided
     */
    public record Bounds(long logStartOffset, long firstDirtyOffset, long activeBaseOffset, long lastStableOffset) {}

    public CleanableLog {
        segments = List.copyOf(segments);
        aborted = List.copyOf(aborted);
        lastBatches = Map.copyOf(lastBatches);
    }
}
