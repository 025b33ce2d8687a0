// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.producer;

import io.tailrace.log.AppendOrigin;
import io.tailrace.protocol.record.RecordBatchView;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Which batch of a producer may come next; pure. {@link ProducerStates} tells the rules. */
final class SequenceRules {

    private static final ProducerVerdict ACCEPTED = ProducerVerdict.Accepted.ACCEPTED;

    /** From this transaction version on, a marker has an epoch above that of the data it ends. */
    private static final int EPOCH_PER_TRANSACTION = 2;

    private SequenceRules() {}

    static ProducerVerdict checkMarker(@Nullable ProducerState known, RecordBatchView batch, int transactionVersion) {
        if (known == null) {
            return ACCEPTED;
        }
        short epoch = batch.producerEpoch();
        boolean epochIsOwn = transactionVersion >= EPOCH_PER_TRANSACTION;
        // The same marker again after its answer was lost: the transaction is over, and writing it once more harms
        // nobody.
        boolean repeated = epoch == known.epoch() && !known.hasTransaction();
        boolean stale = epochIsOwn ? epoch <= known.epoch() && !repeated : epoch < known.epoch();
        if (stale) {
            return staleEpoch(known, epoch);
        }
        TransactionMarker marker = TransactionMarker.read(batch);
        if (marker != null && marker.coordinatorEpoch() < known.coordinatorEpoch()) {
            return new ProducerVerdict.Refused(
                    Errors.TRANSACTION_COORDINATOR_FENCED,
                    "marker for producer %d is from coordinator epoch %d, the current one is %d"
                            .formatted(known.producerId(), marker.coordinatorEpoch(), known.coordinatorEpoch()));
        }
        return ACCEPTED;
    }

    static ProducerVerdict checkData(
            @Nullable ProducerState known,
            Verifications.@Nullable Pending pending,
            RecordBatchView batch,
            AppendOrigin origin) {
        short epoch = batch.producerEpoch();
        if (known != null && epoch < known.epoch()) {
            return staleEpoch(known, epoch);
        }
        // A coordinator's batches (offsets of a transaction) have no sequence.
        if (origin == AppendOrigin.CLIENT) {
            ProducerVerdict verdict = checkSequence(known, pending, batch);
            if (verdict != ACCEPTED) {
                return verdict;
            }
        }
        if (known != null && known.hasTransaction() && !batch.isTransactional()) {
            return new ProducerVerdict.Refused(
                    Errors.INVALID_TXN_STATE,
                    "producer %d has a transaction open and sent a batch outside of it".formatted(known.producerId()));
        }
        return ACCEPTED;
    }

    private static ProducerVerdict checkSequence(
            @Nullable ProducerState known, Verifications.@Nullable Pending pending, RecordBatchView batch) {
        int first = batch.baseSequence();
        boolean knowsBatches = known != null && known.hasBatch();
        if (pending != null && pending.bumpsEpochs() && first != 0 && !knowsBatches) {
            return outOfOrder(batch, "0, as nothing is known of this producer");
        }
        if (pending != null && first > pending.lowestSequence()) {
            return outOfOrder(batch, "at most " + pending.lowestSequence() + ", which waits for verification");
        }
        if (known == null) {
            return ACCEPTED;
        }
        if (batch.producerEpoch() != known.epoch()) {
            return first == 0 ? ACCEPTED : outOfOrder(batch, "0, as its epoch is new");
        }
        if (follows(known.lastSequence(), first)) {
            return ACCEPTED;
        }
        return outOfOrder(batch, "the one after " + known.lastSequence());
    }

    /** The verdict on a batch whose producer has written nothing here, and should begin at 0. */
    static ProducerVerdict notTheFirst(RecordBatchView batch) {
        return outOfOrder(batch, "0, as this producer has written nothing here");
    }

    private static boolean follows(int last, int next) {
        return next == last + 1L || (next == 0 && last == Integer.MAX_VALUE);
    }

    private static ProducerVerdict outOfOrder(RecordBatchView batch, String expected) {
        return new ProducerVerdict.Refused(
                Errors.OUT_OF_ORDER_SEQUENCE_NUMBER,
                "batch of producer %d, epoch %d, begins at sequence %d; expected is %s"
                        .formatted(batch.producerId(), batch.producerEpoch(), batch.baseSequence(), expected));
    }

    private static ProducerVerdict staleEpoch(ProducerState known, short epoch) {
        return new ProducerVerdict.Refused(
                Errors.INVALID_PRODUCER_EPOCH,
                "producer %d sent epoch %d, the last seen is %d".formatted(known.producerId(), epoch, known.epoch()));
    }
}
