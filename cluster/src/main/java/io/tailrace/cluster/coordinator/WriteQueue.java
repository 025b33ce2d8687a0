// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.coordinator;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Batches on their way to the log, in order: at most one under way at the head, those that gather behind it, and with each batch the
 * answers that its durability lets go. A turn's records join the last batch while it has room and has not left.
 */
final class WriteQueue<A, F> {

    /** An answer that waits for a batch. */
    record HeldReply<A>(long ticket, A answer) {}

    /** One batch, and what depends on it. */
    static final class Unit<A, F> {
        private final long id;
        private final Batch batch;
        private final List<EncodedRecord> gathered;
        private final List<HeldReply<A>> replies = new ArrayList<>();
        private final List<F> followUps = new ArrayList<>();
        private final long journalStart;
        private long journalEnd;
        private long sizeBytes;

        private Unit(long id, Batch batch, List<EncodedRecord> gathered, long journalStart) {
            this.id = id;
            this.batch = batch;
            this.gathered = gathered;
            this.journalStart = journalStart;
        }

        long id() {
            return id;
        }

        Batch batch() {
            return batch instanceof Batch.Records first
                    ? new Batch.Records(first.producerId(), first.producerEpoch(), first.timestampMs(), gathered)
                    : batch;
        }

        List<HeldReply<A>> replies() {
            return replies;
        }

        List<F> followUps() {
            return followUps;
        }

        long journalStart() {
            return journalStart;
        }

        long journalEnd() {
            return journalEnd;
        }
    }

    private final int maxBatchBytes;
    private final ArrayDeque<Unit<A, F>> units = new ArrayDeque<>();
    private long nextBatchId;
    private boolean underWay;
    private long queuedBytes;

    WriteQueue(int maxBatchBytes, long firstBatchId) {
        this.maxBatchBytes = maxBatchBytes;
        this.nextBatchId = firstBatchId;
    }

    long nextBatchId() {
        return nextBatchId;
    }

    /** Nothing waits and nothing is under way: all that was written is durable. */
    boolean idle() {
        return units.isEmpty();
    }

    long queuedBytes() {
        return queuedBytes;
    }

    /** Takes the records of one turn in, whole; false if they can never fit into a batch. */
    boolean addRecords(Batch.Records added, long journalStart, long journalEnd) {
        long bytes =
                added.records().stream().mapToLong(EncodedRecord::sizeBytes).sum();
        if (bytes > maxBatchBytes) {
            return false;
        }
        Unit<A, F> last = openTail();
        if (last == null || !joins(last, added, bytes)) {
            last = append(added, journalStart);
        }
        last.gathered.addAll(added.records());
        last.sizeBytes += bytes;
        last.journalEnd = journalEnd;
        queuedBytes += bytes;
        return true;
    }

    private boolean joins(Unit<A, F> last, Batch.Records added, long bytes) {
        return last.batch instanceof Batch.Records first
                && first.producerId() == added.producerId()
                && first.producerEpoch() == added.producerEpoch()
                && last.sizeBytes + bytes <= maxBatchBytes;
    }

    void addMarker(Batch.Marker marker, long journalStart, long journalEnd) {
        append(marker, journalStart).journalEnd = journalEnd;
    }

    private Unit<A, F> append(Batch batch, long journalStart) {
        Unit<A, F> unit = new Unit<>(nextBatchId++, batch, new ArrayList<>(), journalStart);
        units.addLast(unit);
        return unit;
    }

    /** The last batch if it has not left yet. */
    private @Nullable Unit<A, F> openTail() {
        boolean onlyTheOneUnderWay = underWay && units.size() == 1;
        return onlyTheOneUnderWay ? null : units.peekLast();
    }

    /** Lets answers and follow-ups wait for the last batch; there must be one. */
    void holdLast(List<HeldReply<A>> replies, List<F> followUps) {
        Unit<A, F> last = units.getLast();
        last.replies.addAll(replies);
        last.followUps.addAll(followUps);
    }

    /** The next batch to write; null if one is under way or none waits. */
    @Nullable
    Unit<A, F> startNext() {
        if (underWay || units.isEmpty()) {
            return null;
        }
        underWay = true;
        return units.getFirst();
    }

    /** Takes out the batch under way; null if this is not it (an answer from before a reload). */
    @Nullable
    Unit<A, F> settle(long batchId) {
        Unit<A, F> head = units.peekFirst();
        if (!underWay || head == null || head.id != batchId) {
            return null;
        }
        underWay = false;
        queuedBytes -= head.sizeBytes;
        return units.removeFirst();
    }

    /** Takes out everything that waits. */
    List<Unit<A, F>> drain() {
        List<Unit<A, F>> all = List.copyOf(units);
        units.clear();
        queuedBytes = 0;
        return all;
    }
}
