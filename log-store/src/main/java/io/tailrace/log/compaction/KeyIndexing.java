// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.compaction;

import io.tailrace.log.disk.Disk;
import io.tailrace.protocol.record.RecordBatchView;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.CloseableIterator;
import org.jspecify.annotations.Nullable;

/**
 * First half of a pass: reads the dirty part and notes the last offset of each key, until its end or until the map is full.
 * Records of aborted transactions are not noted: they must not take an older, committed value away.
 */
final class KeyIndexing {

    private final CompactionPlan plan;
    private final Disk disk;
    private final OffsetMap map;
    private final BufferSupplier buffers;
    private final ArrayDeque<SealedSegment> pending = new ArrayDeque<>();
    private final TransactionTrail trail;
    private final RecordBatchView batch = new RecordBatchView();
    private @Nullable SourceReader source;

    KeyIndexing(CompactionPlan plan, Disk disk, OffsetMap map, BufferSupplier buffers) {
        this.plan = plan;
        this.disk = disk;
        this.map = map;
        this.buffers = buffers;
        map.clear(plan.firstDirtyOffset());
        for (SealedSegment segment : plan.log().segments()) {
            if (segment.endOffset() > plan.firstDirtyOffset() && segment.baseOffset() < plan.endOffset()) {
                pending.add(segment);
            }
        }
        long from = pending.isEmpty() ? plan.endOffset() : pending.getFirst().baseOffset();
        trail = new TransactionTrail(
                plan.log().aborted().stream()
                        .filter(t -> t.lastOffset() >= from)
                        .toList(),
                transaction -> {});
    }

    /** Reads about {@code maxBytes} more; whether it is done. */
    boolean step(int maxBytes) {
        int bytes = 0;
        while (bytes < maxBytes) {
            SealedSegment segment = pending.peekFirst();
            if (segment == null) {
                return true;
            }
            SourceReader reader = source;
            if (reader == null) {
                reader = new SourceReader(disk, plan.log().directory(), segment);
                source = reader;
            }
            ByteBuffer chunk = reader.next();
            if (!chunk.hasRemaining()) {
                // Offsets that compaction left empty at the segment's end are covered too.
                map.coverTo(segment.endOffset());
                close();
                pending.removeFirst();
                continue;
            }
            bytes += chunk.remaining();
            batch.over(chunk);
            while (batch.next()) {
                if (!takeIn()) {
                    close();
                    pending.clear();
                    return true;
                }
            }
        }
        return pending.isEmpty();
    }

    /** False if the map is full; the batch is then not covered, even if some of its keys are in the map. */
    private boolean takeIn() {
        boolean discarded = trail.canDiscard(batch);
        if (!discarded && !batch.isControl() && !putKeys()) {
            return false;
        }
        map.coverTo(batch.nextOffset());
        return true;
    }

    private boolean putKeys() {
        MutableRecordBatch records = MemoryRecords.readableRecords(batch.slice())
                .batches()
                .iterator()
                .next();
        try (CloseableIterator<Record> iterator = records.streamingIterator(buffers)) {
            while (iterator.hasNext()) {
                Record record = iterator.next();
                boolean counts = record.hasKey() && record.offset() >= plan.firstDirtyOffset();
                if (counts && !map.put(record.key(), record.offset())) {
                    return false;
                }
            }
            return true;
        }
    }

    void close() {
        SourceReader reader = source;
        source = null;
        if (reader != null) {
            reader.close();
        }
    }
}
