// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.retention;

import io.tailrace.log.LogConfig.RetentionConfig;
import java.util.List;

/**
 * How many of the oldest segments go: always a prefix of the log, whole segments only, and never one that reaches above the
 * high watermark (KAFKA-5634) however old it is.
 *
 * <p>A segment goes if all its records lie below the log's start, whatever the topic's policy is; and with {@code
 * cleanup.policy=delete} if its newest record is older than {@code retention.ms}, or if the log without it still has at least
 * {@code retention.bytes}. Time is that of the records, so that one record from the future keeps its segment, as in Kafka. A
 * segment whose records have no time, or that compaction has left empty, goes with the next one that has.
 */
public final class RetentionPolicy {

    private RetentionPolicy() {}

    /**
     * How many segments may be deleted, from the first on.
     *
     * @param segments the whole log in the order of offsets, the active segment last
     * @return at most {@code segments.size()}; if all, the caller rolls first, so that the log keeps an (empty) active segment
     */
    public static int deletable(
            List<RetainedSegment> segments,
            RetentionConfig config,
            long logStartOffset,
            long highWatermark,
            long nowMs) {
        long remaining = 0;
        for (RetainedSegment segment : segments) {
            remaining += segment.sizeBytes();
        }
        long[] newestMs = newestMs(segments);
        int count = 0;
        for (RetainedSegment segment : segments) {
            boolean isReplicated = segment.endOffset() <= highWatermark;
            boolean isEmptyActive = count == segments.size() - 1 && segment.sizeBytes() == 0;
            remaining -= segment.sizeBytes();
            boolean isDue = segment.endOffset() <= logStartOffset
                    || (config.deletes()
                            && (isExpired(newestMs[count], config, nowMs) || isBeyondSize(remaining, config)));
            if (!isReplicated || isEmptyActive || !isDue) {
                return count;
            }
            count++;
        }
        return count;
    }

    /** The time of each segment's newest record, or of the next one's; {@link Long#MAX_VALUE} if there is none. */
    private static long[] newestMs(List<RetainedSegment> segments) {
        long[] newest = new long[segments.size()];
        long next = Long.MAX_VALUE;
        for (int i = newest.length - 1; i >= 0; i--) {
            long own = segments.get(i).maxTimestampMs();
            next = own >= 0 ? own : next;
            newest[i] = next;
        }
        return newest;
    }

    private static boolean isExpired(long newestMs, RetentionConfig config, long nowMs) {
        return config.retentionMs() >= 0 && newestMs < nowMs - config.retentionMs();
    }

    private static boolean isBeyondSize(long remaining, RetentionConfig config) {
        return config.retentionBytes() >= 0 && remaining >= config.retentionBytes();
    }
}
