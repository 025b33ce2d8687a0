// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.compaction;

import io.tailrace.log.producer.TransactionMarker;
import io.tailrace.log.txn.AbortedTransaction;
import io.tailrace.protocol.record.RecordBatchView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Follows the transactions of a log from batch to batch, in order and from its start, and tells which batches can go.
 *
 * <p>Data of an aborted transaction can go at once: nobody may read it. A marker can go when no batch of its transaction is
 * left in the log, not before: without an abort marker, left-over data would look committed; without a commit marker, a
 * reader that began in the middle would wait for it. Even then it waits for its delete horizon, as a tombstone does, so that
 * a consumer that is behind gets to see it (KAFKA-4529, KIP-534).
 *
 * <p>The abort entries whose markers stay are what the cleaned segment's transaction index has to hold.
 */
final class TransactionTrail {

    private static final class Open {
        final AbortedTransaction transaction;
        boolean hasData;

        Open(AbortedTransaction transaction) {
            this.transaction = transaction;
        }
    }

    private final ArrayDeque<AbortedTransaction> ahead;
    private final Map<Long, Open> aborting = new HashMap<>();
    private final Set<Long> committing = new HashSet<>();
    private final Consumer<AbortedTransaction> kept;

    /**
     * @param aborted those of the whole range that is followed
     * @param kept told of each aborted transaction that still has data or had some removed just now
     */
    TransactionTrail(List<AbortedTransaction> aborted, Consumer<AbortedTransaction> kept) {
        var sorted = new ArrayList<>(aborted);
        sorted.sort(Comparator.comparingLong(AbortedTransaction::firstOffset));
        this.ahead = new ArrayDeque<>(sorted);
        this.kept = kept;
    }

    /** Takes in the next batch; whether it can go as far as its transaction is concerned. */
    boolean canDiscard(RecordBatchView batch) {
        meetUpTo(batch.lastOffset());
        return batch.isControl() ? canDiscardMarker(batch) : isAborted(batch);
    }

    private void meetUpTo(long offset) {
        while (!ahead.isEmpty() && ahead.peekFirst().firstOffset() <= offset) {
            AbortedTransaction next = ahead.removeFirst();
            aborting.putIfAbsent(next.producerId(), new Open(next));
        }
    }

    private boolean isAborted(RecordBatchView batch) {
        if (!batch.isTransactional()) {
            return false;
        }
        Open open = aborting.get(batch.producerId());
        if (open == null) {
            committing.add(batch.producerId());
            return false;
        }
        open.hasData = true;
        return true;
    }

    private boolean canDiscardMarker(RecordBatchView batch) {
        if (batch.recordCount() == 0) {
            return true; // only its header was kept, for its producer
        }
        @Nullable TransactionMarker marker = TransactionMarker.read(batch);
        if (marker == null) {
            return false;
        }
        if (!marker.aborted()) {
            return !committing.remove(batch.producerId());
        }
        Open open = aborting.remove(batch.producerId());
        if (open != null && open.hasData) {
            kept.accept(open.transaction);
            return false;
        }
        return true;
    }
}
