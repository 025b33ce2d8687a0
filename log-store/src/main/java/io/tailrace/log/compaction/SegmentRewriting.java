// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.compaction;

import io.tailrace.log.LogConfig.SegmentConfig;
import io.tailrace.log.compaction.CompactionResult.Replacement;
import io.tailrace.log.disk.Disk;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecords.FilterResult;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Second half of a pass: writes all segments up to what the map covers anew, without what is not needed any more. Small
 * neighbours become one, as long as the records and the span of offsets fit a segment (KAFKA-6264).
 */
final class SegmentRewriting {

    private static final int OUTPUT_BYTES = 1 << 20;

    private final CompactionPlan plan;
    private final Disk disk;
    private final BufferSupplier buffers;
    private final RetentionFilter filter;
    private final ArrayDeque<List<SealedSegment>> groups;
    private final ArrayList<Replacement> replacements = new ArrayList<>();
    private ByteBuffer output = ByteBuffer.allocate(OUTPUT_BYTES);
    private @Nullable CleanedSegment target;
    private @Nullable SourceReader source;
    private int sourceIndex;
    private long bytesBefore;
    private long bytesAfter;

    SegmentRewriting(CompactionPlan plan, Disk disk, OffsetMap map, BufferSupplier buffers, long nowMs) {
        this.plan = plan;
        this.disk = disk;
        this.buffers = buffers;
        List<SealedSegment> segments = plan.log().segments().stream()
                .filter(segment -> segment.baseOffset() < map.endOffset())
                .toList();
        long from = segments.isEmpty() ? 0 : segments.getFirst().baseOffset();
        var trail = new TransactionTrail(
                plan.log().aborted().stream()
                        .filter(t -> t.lastOffset() >= from)
                        .toList(),
                transaction -> {
                    if (target != null) {
                        target.keep(transaction);
                    }
                });
        this.groups = group(segments, plan.log().config().segments());
        Set<Long> ends =
                groups.stream().map(group -> group.getLast().endOffset()).collect(Collectors.toSet());
        this.filter = new RetentionFilter(plan, map, trail, ends, nowMs);
    }

    /** Neighbours that fit into one segment before anything is removed. */
    static ArrayDeque<List<SealedSegment>> group(List<SealedSegment> segments, SegmentConfig config) {
        var groups = new ArrayDeque<List<SealedSegment>>();
        long bytes = 0;
        for (SealedSegment segment : segments) {
            List<SealedSegment> last = groups.peekLast();
            bytes += segment.sizeBytes();
            boolean fits = last != null
                    && bytes <= config.segmentBytes()
                    && segment.endOffset() - last.getFirst().baseOffset() <= Integer.MAX_VALUE;
            if (fits) {
                last.add(segment);
            } else {
                groups.add(new ArrayList<>(List.of(segment)));
                bytes = segment.sizeBytes();
            }
        }
        return groups;
    }

    /** Reads about {@code maxBytes} more; whether it is done. */
    boolean step(int maxBytes) {
        int bytes = 0;
        while (bytes < maxBytes) {
            List<SealedSegment> group = groups.peekFirst();
            if (group == null) {
                return true;
            }
            CleanedSegment cleaned = target;
            if (cleaned == null) {
                cleaned = new CleanedSegment(
                        disk,
                        plan.log().directory(),
                        group.getFirst().baseOffset(),
                        plan.log().config().segments().indexIntervalBytes());
                target = cleaned;
            }
            SourceReader reader = source;
            if (reader == null) {
                reader = new SourceReader(disk, plan.log().directory(), group.get(sourceIndex));
                source = reader;
            }
            ByteBuffer chunk = reader.next();
            bytes += chunk.remaining();
            if (chunk.hasRemaining()) {
                rewrite(chunk, reader, cleaned);
            } else {
                endSource(group, cleaned);
            }
        }
        return groups.isEmpty();
    }

    private void rewrite(ByteBuffer chunk, SourceReader reader, CleanedSegment cleaned) {
        filter.over(chunk);
        output.clear();
        FilterResult result = MemoryRecords.readableRecords(chunk).filterTo(filter, output, buffers, Integer.MAX_VALUE);
        // The filter stops early when it had to grow the output: what it did not read is given again.
        reader.unread(chunk.remaining() - result.bytesRead());
        ByteBuffer kept = result.outputBuffer().flip();
        if (kept.hasRemaining()) {
            cleaned.append(kept);
        }
    }

    private void endSource(List<SealedSegment> group, CleanedSegment cleaned) {
        closeSource();
        sourceIndex++;
        if (sourceIndex < group.size()) {
            return;
        }
        cleaned.seal();
        target = null;
        sourceIndex = 0;
        groups.removeFirst();
        replacements.add(new Replacement(
                group.getFirst().baseOffset(),
                group.stream().map(SealedSegment::baseOffset).toList(),
                group.getLast().endOffset(),
                cleaned.sizeBytes()));
        bytesBefore += group.stream().mapToLong(SealedSegment::sizeBytes).sum();
        bytesAfter += cleaned.sizeBytes();
    }

    private void closeSource() {
        SourceReader reader = source;
        source = null;
        if (reader != null) {
            reader.close();
        }
    }

    CompactionResult result(long cleanedTo) {
        return new CompactionResult(replacements, cleanedTo, bytesBefore, bytesAfter);
    }

    /** Removes all that was written. */
    void abandon() {
        closeSource();
        CleanedSegment unfinished = target;
        target = null;
        if (unfinished != null) {
            unfinished.abandon();
        }
        replacements.forEach(r -> SegmentSwap.discard(disk, plan.log().directory(), r.baseOffset()));
        replacements.clear();
        groups.clear();
    }
}
