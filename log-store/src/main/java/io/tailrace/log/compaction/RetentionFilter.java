// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.compaction;

import io.tailrace.protocol.record.RecordBatchView;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.record.internal.MemoryRecords.RecordFilter;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;

/**
 * What stays of a batch. kafka-clients does the rewriting (offsets, compression, delete horizons); this decides.
 *
 * <ul>
 *   <li>A record stays if it is the newest of its key, or lies above what the map covers.
 *   <li>A tombstone stays, too, until its batch's delete horizon has passed. The horizon is set by the first pass that finds
 *       nothing else to remove it for (KIP-534), so it never moves.
 *   <li>Data of an aborted transaction goes; markers as {@link TransactionTrail} tells, after their horizon.
 *   <li>The last batch of each producer stays as a header without records, and so does the last batch of each cleaned
 *       segment: so that the segment ends where the next one begins, as recovery expects of a segment that is not torn.
 * </ul>
 */
final class RetentionFilter extends RecordFilter {

    private final OffsetMap map;
    private final TransactionTrail trail;
    private final Map<Long, LastBatch> lastBatches;
    private final Set<Long> segmentEnds;
    private final RecordBatchView view = new RecordBatchView();
    private boolean discardsRecords;

    /** @param segmentEnds the end offsets (exclusive) of the segments that are made */
    RetentionFilter(CompactionPlan plan, OffsetMap map, TransactionTrail trail, Set<Long> segmentEnds, long nowMs) {
        super(nowMs, plan.log().config().compaction().deleteRetentionMs());
        this.segmentEnds = Set.copyOf(segmentEnds);
        this.map = map;
        this.trail = trail;
        this.lastBatches = plan.log().lastBatches();
    }

    /** The batches that are about to be filtered, in this order. */
    void over(ByteBuffer chunk) {
        view.over(chunk);
    }

    @Override
    protected BatchRetentionResult checkBatchRetention(RecordBatch batch) {
        if (!view.next() || view.baseOffset() != batch.baseOffset()) {
            throw new IllegalStateException("filtered another batch than " + view);
        }
        boolean canDiscard = trail.canDiscard(view);
        boolean horizonPassed =
                batch.deleteHorizonMs().isPresent() && batch.deleteHorizonMs().getAsLong() <= currentTime;
        discardsRecords = canDiscard && (!batch.isControlBatch() || horizonPassed);
        LastBatch last = batch.hasProducerId() ? lastBatches.get(batch.producerId()) : null;
        BatchRetention retention;
        if (last != null && last.is(batch.lastOffset(), batch.isControlBatch(), batch.producerEpoch())) {
            retention = BatchRetention.RETAIN_EMPTY;
        } else if (segmentEnds.contains(batch.nextOffset())) {
            retention = BatchRetention.RETAIN_EMPTY;
        } else {
            retention = discardsRecords ? BatchRetention.DELETE : BatchRetention.DELETE_EMPTY;
        }
        return new BatchRetentionResult(retention, canDiscard && batch.isControlBatch());
    }

    @Override
    protected boolean shouldRetainRecord(RecordBatch batch, Record record) {
        if (discardsRecords) {
            return false;
        }
        if (batch.isControlBatch() || record.offset() >= map.endOffset()) {
            return true;
        }
        if (!record.hasKey()) {
            return false; // older than the topic's being compacted; nothing can ever replace it
        }
        boolean newest = record.offset() >= map.get(record.key());
        boolean stays = record.hasValue()
                || batch.deleteHorizonMs().isEmpty()
                || currentTime < batch.deleteHorizonMs().getAsLong();
        return newest && stays;
    }
}
