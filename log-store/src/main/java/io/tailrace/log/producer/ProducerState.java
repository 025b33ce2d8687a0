// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.producer;

import io.tailrace.protocol.record.RecordBatchView;

/**
 * One producer: its epoch, its last five batches in a ring, and the transaction it has open here. Mutable, and never seen
 * outside this package.
 */
final class ProducerState {

    /** A producer has at most five requests in flight, so a retry can be of any of the last five batches, not before. */
    static final int WINDOW = 5;

    static final long NO_OFFSET = -1;

    private final long producerId;
    private short epoch = RecordBatchView.NO_PRODUCER_EPOCH;
    private int coordinatorEpoch = -1;
    private long lastTimestamp = -1;
    private long transactionFirstOffset = NO_OFFSET;

    private final int[] lastSequences = new int[WINDOW];
    private final long[] lastOffsets = new long[WINDOW];
    private final int[] offsetDeltas = new int[WINDOW];
    private final long[] timestamps = new long[WINDOW];
    private int newest;
    private int count;

    ProducerState(long producerId) {
        this.producerId = producerId;
    }

    ProducerState(ProducerDescription from) {
        this(from.producerId());
        epoch = from.epoch();
        coordinatorEpoch = from.coordinatorEpoch();
        transactionFirstOffset = from.transactionFirstOffset();
        if (from.hasBatch()) {
            add(from.lastSequence(), from.lastOffset(), from.offsetDelta(), from.lastTimestamp());
        }
        lastTimestamp = from.lastTimestamp();
    }

    ProducerDescription describe() {
        return new ProducerDescription(
                producerId,
                epoch,
                lastSequence(),
                lastOffset(),
                count == 0 ? 0 : offsetDeltas[newest],
                lastTimestamp,
                coordinatorEpoch,
                transactionFirstOffset);
    }

    /** Where in the window the batch with exactly these sequences is, or -1. */
    int find(short batchEpoch, int firstSequence, int lastSequence) {
        if (batchEpoch != epoch) {
            return -1;
        }
        for (int i = 0; i < count; i++) {
            int slot = (newest - i + WINDOW) % WINDOW;
            if (lastSequences[slot] == lastSequence && firstSequence(slot) == firstSequence) {
                return slot;
            }
        }
        return -1;
    }

    ProducerVerdict.Duplicate duplicate(int slot) {
        return new ProducerVerdict.Duplicate(
                lastOffsets[slot] - offsetDeltas[slot], lastOffsets[slot], timestamps[slot]);
    }

    /**
     * Whether no record of the batch has a higher sequence than what was written last: it may be a part of the last batch, sent again alone. Which of
     * two is higher is open where they are half a lap apart.
     */
    boolean isPast(RecordBatchView batch) {
        return count > 0
                && batch.producerEpoch() == epoch
                && batch.baseSequence() <= batch.lastSequence()
                && batch.lastSequence() <= lastSequences[newest]
                && lastSequences[newest] - batch.lastSequence() < Integer.MAX_VALUE / 2;
    }

    private int firstSequence(int slot) {
        // Sequences count 0 to 2^31 - 1 and begin again.
        return (lastSequences[slot] - offsetDeltas[slot]) & Integer.MAX_VALUE;
    }

    void append(RecordBatchView batch) {
        moveTo(batch.producerEpoch());
        add(batch.lastSequence(), batch.lastOffset(), batch.lastOffsetDelta(), batch.maxTimestamp());
        if (transactionFirstOffset == NO_OFFSET && batch.isTransactional()) {
            transactionFirstOffset = batch.baseOffset();
        }
    }

    void end(short markerEpoch, TransactionMarker marker) {
        moveTo(markerEpoch);
        coordinatorEpoch = marker.coordinatorEpoch();
        lastTimestamp = marker.timestamp();
        transactionFirstOffset = NO_OFFSET;
    }

    private void moveTo(short newEpoch) {
        if (epoch != newEpoch) {
            count = 0;
            epoch = newEpoch;
        }
    }

    private void add(int lastSequence, long lastOffset, int offsetDelta, long timestamp) {
        newest = count == 0 ? 0 : (newest + 1) % WINDOW;
        count = Math.min(count + 1, WINDOW);
        lastSequences[newest] = lastSequence;
        lastOffsets[newest] = lastOffset;
        offsetDeltas[newest] = offsetDelta;
        timestamps[newest] = timestamp;
        lastTimestamp = timestamp;
    }

    long producerId() {
        return producerId;
    }

    short epoch() {
        return epoch;
    }

    int coordinatorEpoch() {
        return coordinatorEpoch;
    }

    boolean hasBatch() {
        return count > 0;
    }

    int lastSequence() {
        return count == 0 ? RecordBatchView.NO_SEQUENCE : lastSequences[newest];
    }

    long lastOffset() {
        return count == 0 ? NO_OFFSET : lastOffsets[newest];
    }

    long lastTimestamp() {
        return lastTimestamp;
    }

    boolean hasTransaction() {
        return transactionFirstOffset != NO_OFFSET;
    }

    long transactionFirstOffset() {
        return transactionFirstOffset;
    }
}
