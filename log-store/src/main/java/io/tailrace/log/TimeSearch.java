// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.segment.BatchHit;
import io.tailrace.log.segment.Segment;
import io.tailrace.log.segment.Segments;
import java.util.Optional;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.CloseableIterator;

/**
 * ListOffsets by time: rare, so it reads and, where need be, decompresses the one batch that holds the answer. Keys and values are skipped, not
 * taken into memory. What a producer has compressed was never looked into before, and may be no such thing: then the answer is the beginning of that
 * batch, from where a reader finds out what to do with it.
 */
final class TimeSearch {

    private TimeSearch() {}

    /** The first record in {@code [from, to)} whose timestamp is at least {@code timestampMs}. */
    static Optional<TimestampedOffset> firstAtOrAfter(
            Segments segments, long timestampMs, long fromInclusive, long toExclusive) {
        for (Segment segment : segments.all()) {
            if (segment.maxTimestampMs() < timestampMs || segment.endOffset() <= fromInclusive) {
                continue;
            }
            // A batch may reach the time with records that are below the start: then the next one is asked.
            long from = Math.max(fromInclusive, segment.baseOffset());
            while (true) {
                Optional<BatchHit> hit = segment.firstBatchAtOrAfter(timestampMs, from);
                if (hit.isEmpty() || hit.get().baseOffset() >= toExclusive) {
                    break;
                }
                Optional<TimestampedOffset> record = inBatch(hit.get(), timestampMs, fromInclusive, toExclusive);
                if (record.isPresent()) {
                    return record;
                }
                from = hit.get().endOffset();
            }
        }
        return Optional.empty();
    }

    /** The first record with the greatest timestamp of the log. */
    static Optional<TimestampedOffset> latest(Segments segments, long fromInclusive) {
        Segment best = null;
        for (Segment segment : segments.all()) {
            boolean isRead = segment.endOffset() > fromInclusive;
            if (isRead
                    && segment.maxTimestampMs() >= 0
                    && (best == null || segment.maxTimestampMs() > best.maxTimestampMs())) {
                best = segment;
            }
        }
        return best == null
                ? Optional.empty()
                : firstAtOrAfter(segments, best.maxTimestampMs(), fromInclusive, Long.MAX_VALUE);
    }

    private static Optional<TimestampedOffset> inBatch(
            BatchHit hit, long timestampMs, long fromInclusive, long toExclusive) {
        MutableRecordBatch batch =
                MemoryRecords.readableRecords(hit.bytes()).batches().iterator().next();
        try (CloseableIterator<Record> records = batch.skipKeyValueIterator(BufferSupplier.NO_CACHING)) {
            while (records.hasNext()) {
                Record record = records.next();
                if (record.offset() >= toExclusive) {
                    return Optional.empty();
                }
                if (record.timestamp() >= timestampMs && record.offset() >= fromInclusive) {
                    return Optional.of(
                            new TimestampedOffset(record.offset(), record.timestamp(), batch.partitionLeaderEpoch()));
                }
            }
        } catch (RuntimeException unreadable) {
            return Optional.of(new TimestampedOffset(
                    Math.max(hit.baseOffset(), fromInclusive), batch.maxTimestamp(), batch.partitionLeaderEpoch()));
        }
        return Optional.empty();
    }
}
