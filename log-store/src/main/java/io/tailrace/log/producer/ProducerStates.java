// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.producer;

import io.tailrace.log.AppendOrigin;
import io.tailrace.protocol.record.RecordBatchView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * The producers of one log: who wrote last with which epoch and sequence, and which transactions are undecided.
 *
 * <p>All of it follows from the batches of the log in their order: {@link #check} decides about a batch without changing
 * anything, {@link #append} takes in a batch that has its offsets, whoever appended it, and never refuses. So the state of
 * a leader, of a follower, and of a log read back from disk agree. A snapshot ({@link ProducerSnapshot}) only saves reading
 * from the start; it keeps the last batch of each producer of the five, as Kafka's does.
 *
 * <p><b>Idempotence.</b> A producer's batches carry (id, epoch, sequence). The next batch has to follow the last sequence;
 * one of the last five again is a duplicate; a higher epoch begins at sequence 0; a lower one is refused with
 * INVALID_PRODUCER_EPOCH (a client that is fenced for good learns that from the coordinator, so the log never says
 * PRODUCER_FENCED; Kafka 2.7 on). A producer that was forgotten may go on anywhere (KIP-360), so UNKNOWN_PRODUCER_ID is never
 * answered. One that has never written here begins at 0: if a later batch comes first, the one before it was refused for a
 * while, by a node that did not know the new topic yet or had too few replicas in sync. To let the later one in would shut the
 * earlier one out for good (KAFKA-15591), or, if its client takes a new epoch and sends both again, double it. The two can be told
 * apart by who may have been forgotten: nobody, as long as every batch since offset 0 was seen and nobody has expired; and ids are
 * never given out twice, so none above the greatest that has expired. That is kept with the log ({@link #forgottenUpTo}), since a
 * snapshot does not tell whom it has left out.
 *
 * <p>A snapshot has the last of the five batches only. Whoever began at 0, which is known of all that are known if nobody was forgotten, has all that
 * is up to its last sequence in the log: so a retry of one of the other four is told to be there, without its offset. Else the client would take a
 * new epoch and send again what is there. The same goes for records of a batch that are sent again in other batches, as the gateway does.
 *
 * <p><b>Transactions.</b> A transaction is <em>ongoing</em> from its first batch to its marker, then <em>unreplicated</em>
 * until the high watermark has passed the marker. The first unstable offset is the least first offset of both kinds;
 * read_committed consumers read below it. An aborted transaction has to be in the transaction index before the stable offset
 * moves past it, so {@link #append} hands out the {@link CompletedTransaction} and only {@link #complete} takes it from the
 * ongoing ones: if the index cannot be written, the stable offset stays (KAFKA-7866).
 *
 * <p>Times are arguments. Nothing is forgotten unless {@link #expire} is told to, by its own timer and not by retention
 * (KAFKA-9144, KIP-854).
 */
public final class ProducerStates {

    /** No such offset. */
    public static final long NO_OFFSET = -1;

    /** For {@link #forgottenUpTo}: all that ever wrote here are known. */
    public static final long NOBODY = -1;

    /** For {@link #forgottenUpTo}: anybody may have written here before. */
    public static final long ANYBODY = Long.MAX_VALUE;

    private record Transaction(long producerId, long lastOffset) {}

    private final ProducerLimits limits;
    private final TreeMap<Long, ProducerState> producers = new TreeMap<>();
    private final TreeMap<Long, Transaction> ongoing = new TreeMap<>();
    private final TreeMap<Long, Transaction> unreplicated = new TreeMap<>();
    private final Verifications verifications = new Verifications();
    private long endOffset;

    /** Who is not known, and has a greater id, has never written here. */
    private long forgottenUpTo = NOBODY;

    public ProducerStates(ProducerLimits limits) {
        this.limits = limits;
    }

    /**
     * Whether {@code batch} may be appended now. Of the batch nothing but its header is read, but for the marker in a control
     * batch; offsets need not be assigned. Changes nothing and, unless it refuses, allocates nothing per batch.
     *
     * <p>A replicated batch is always accepted: its leader has checked it, and a follower cannot disagree.
     */
    public ProducerVerdict check(RecordBatchView batch, AppendOrigin origin, TransactionTerms terms) {
        if (!batch.hasProducerId() || origin == AppendOrigin.REPLICATION) {
            return ProducerVerdict.Accepted.ACCEPTED;
        }
        ProducerState known = producers.get(batch.producerId());
        if (batch.isControl()) {
            return SequenceRules.checkMarker(known, batch, terms.transactionVersion());
        }
        if (origin == AppendOrigin.CLIENT && known != null) {
            int slot = known.find(batch.producerEpoch(), batch.baseSequence(), batch.lastSequence());
            if (slot >= 0) {
                return known.duplicate(slot);
            }
            if (batch.producerId() > forgottenUpTo && known.isPast(batch)) {
                return new ProducerVerdict.Duplicate(NO_OFFSET, known.lastOffset(), known.lastTimestamp());
            }
        }
        boolean unverified = origin == AppendOrigin.CLIENT
                && limits.verifiesTransactions()
                && batch.isTransactional()
                && (known == null || !known.hasTransaction())
                && !verifications.confirms(batch.producerId(), terms.verificationGuard());
        if (unverified) {
            return new ProducerVerdict.Refused(
                    Errors.INVALID_TXN_STATE,
                    "the batch of producer " + batch.producerId() + " is not part of an ongoing transaction");
        }
        if (known == null
                && batch.producerId() > forgottenUpTo
                && origin == AppendOrigin.CLIENT
                && batch.baseSequence() != 0) {
            return SequenceRules.notTheFirst(batch);
        }
        return SequenceRules.checkData(known, verifications.find(batch.producerId()), batch, origin);
    }

    /**
     * Takes in a batch that was appended, or is read back from the log; it has its offsets.
     *
     * @return the transaction it ended, if any: to be indexed if aborted, and then given to {@link #complete}
     */
    public @Nullable CompletedTransaction append(RecordBatchView batch) {
        sawUpTo(batch.baseOffset());
        endOffset = batch.nextOffset();
        if (!batch.hasProducerId()) {
            return null;
        }
        return batch.isControl() ? appendControl(batch) : appendData(batch);
    }

    /** All batches below that offset, which the log has or had, should have been taken in: if some were not, nobody knows whose they were. */
    public void sawUpTo(long offset) {
        if (offset != endOffset) {
            forgottenUpTo = ANYBODY;
        }
    }

    private @Nullable CompletedTransaction appendData(RecordBatchView batch) {
        ProducerState producer = producers.computeIfAbsent(batch.producerId(), ProducerState::new);
        boolean begins = batch.isTransactional() && !producer.hasTransaction();
        producer.append(batch);
        if (begins) {
            ongoing.put(batch.baseOffset(), new Transaction(batch.producerId(), NO_OFFSET));
        }
        if (batch.isTransactional()) {
            verifications.forget(batch.producerId());
        }
        return null;
    }

    private @Nullable CompletedTransaction appendControl(RecordBatchView batch) {
        TransactionMarker marker = TransactionMarker.read(batch);
        if (marker == null) {
            return null;
        }
        ProducerState producer = producers.computeIfAbsent(batch.producerId(), ProducerState::new);
        long firstOffset = producer.transactionFirstOffset();
        producer.end(batch.producerEpoch(), marker);
        verifications.forget(batch.producerId());
        if (firstOffset == NO_OFFSET) {
            return null;
        }
        long lastOffset = batch.lastOffset();
        return new CompletedTransaction(
                batch.producerId(),
                firstOffset,
                lastOffset,
                marker.aborted(),
                stableAfter(firstOffset, lastOffset + 1));
    }

    /** The least first offset of the ongoing transactions but the one at {@code firstOffset}. */
    private long stableAfter(long firstOffset, long otherwise) {
        for (long first : ongoing.keySet()) {
            if (first != firstOffset) {
                return first;
            }
        }
        return otherwise;
    }

    /** Lets the stable offset move past a transaction, as soon as its marker is replicated. */
    public void complete(CompletedTransaction transaction) {
        Transaction begun = ongoing.remove(transaction.firstOffset());
        if (begun == null) {
            throw new IllegalStateException(transaction + " is not ongoing");
        }
        unreplicated.put(transaction.firstOffset(), new Transaction(begun.producerId(), transaction.lastOffset()));
    }

    /** Transactions whose markers lie below the high watermark are settled. */
    public void onHighWatermark(long highWatermark) {
        settleBelow(highWatermark);
    }

    /** Records below the log's start are gone; what is known of their producers stays. */
    public void onLogStart(long logStartOffset) {
        settleBelow(logStartOffset);
        endOffset = Math.max(endOffset, logStartOffset);
    }

    private void settleBelow(long offset) {
        if (!unreplicated.isEmpty()) {
            unreplicated.values().removeIf(transaction -> transaction.lastOffset() < offset);
        }
    }

    /** The first offset that is undecided, or decided by a marker that is not replicated; {@link #NO_OFFSET} if none is. */
    public long firstUnstableOffset() {
        long undecided = ongoing.isEmpty() ? Long.MAX_VALUE : ongoing.firstKey();
        long unsettled = unreplicated.isEmpty() ? Long.MAX_VALUE : unreplicated.firstKey();
        long first = Math.min(undecided, unsettled);
        return first == Long.MAX_VALUE ? NO_OFFSET : first;
    }

    /** Where read_committed consumers stop (exclusive): the high watermark, or the first unstable offset below it. */
    public long lastStableOffset(long highWatermark) {
        long unstable = firstUnstableOffset();
        return unstable == NO_OFFSET ? highWatermark : Math.min(highWatermark, unstable);
    }

    /** The first offset of the oldest ongoing transaction, or {@link #NO_OFFSET}. */
    public long firstUndecidedOffset() {
        return ongoing.isEmpty() ? NO_OFFSET : ongoing.firstKey();
    }

    /** When the oldest ongoing transaction was written to last, ms; -1 if there is none. To find hanging ones by. */
    public long oldestTransactionTimestamp() {
        if (ongoing.isEmpty()) {
            return -1;
        }
        ProducerState producer = producers.get(ongoing.firstEntry().getValue().producerId());
        return producer == null ? -1 : producer.lastTimestamp();
    }

    /**
     * Notes that a transaction is about to be verified with its coordinator before the first batch is let in (KIP-890).
     *
     * @return a guard to pass with the append, which is refused if another transaction came between; {@link
     *     TransactionTerms#NO_GUARD} if none is needed, because the transaction is known here already
     */
    public long beginVerification(long producerId, short epoch, int sequence, boolean bumpsEpochs, long nowMs) {
        ProducerState known = producers.get(producerId);
        if (known != null && known.hasTransaction() && known.epoch() == epoch) {
            return TransactionTerms.NO_GUARD;
        }
        return verifications.begin(producerId, epoch, sequence, bumpsEpochs, nowMs);
    }

    /**
     * Forgets producers that wrote nothing for {@code producer.id.expiration.ms} and have no transaction open.
     *
     * @return how many were forgotten
     */
    public int expire(long nowMs) {
        int before = producers.size();
        producers.values().removeIf(producer -> {
            boolean expired = isExpired(producer.hasTransaction(), producer.lastTimestamp(), nowMs);
            if (expired) {
                forget(producer.producerId());
            }
            return expired;
        });
        verifications.expire(nowMs - limits.expirationMs());
        return before - producers.size();
    }

    private void forget(long producerId) {
        forgottenUpTo = Math.max(forgottenUpTo, producerId);
    }

    /** The greatest id of a producer that may have written here and is not known any more; {@link #NOBODY}, {@link #ANYBODY}. */
    public long forgottenUpTo() {
        return forgottenUpTo;
    }

    private boolean isExpired(boolean hasTransaction, long lastTimestamp, long nowMs) {
        return !hasTransaction && nowMs - lastTimestamp >= limits.expirationMs();
    }

    /** Forgets everything, as before the log is read again from {@code offset}. */
    public void reset(long offset) {
        producers.clear();
        ongoing.clear();
        unreplicated.clear();
        verifications.clear();
        endOffset = offset;
        forgottenUpTo = offset == 0 ? NOBODY : ANYBODY;
    }

    /**
     * {@link #reset}, then takes over a snapshot made at {@code offset}; batches from there on are to be appended next.
     *
     * @param forgottenUpTo what {@link #forgottenUpTo()} was when it was made, or later
     */
    public void load(Collection<ProducerDescription> snapshot, long offset, long forgottenUpTo, long nowMs) {
        reset(offset);
        this.forgottenUpTo = forgottenUpTo;
        for (ProducerDescription description : snapshot) {
            if (isExpired(description.hasTransaction(), description.lastTimestamp(), nowMs)) {
                forget(description.producerId());
                continue;
            }
            producers.put(description.producerId(), new ProducerState(description));
            if (description.hasTransaction()) {
                ongoing.put(description.transactionFirstOffset(), new Transaction(description.producerId(), NO_OFFSET));
            }
        }
    }

    /** The end offset (exclusive) of the batches taken in: a snapshot made now is named by it. */
    public long endOffset() {
        return endOffset;
    }

    public int size() {
        return producers.size();
    }

    /** All producers by id: for DescribeProducers and for {@link ProducerSnapshot}. */
    public List<ProducerDescription> describe() {
        var all = new ArrayList<ProducerDescription>(producers.size());
        producers.values().forEach(producer -> all.add(producer.describe()));
        return all;
    }

    /** One producer, or null. */
    public @Nullable ProducerDescription describe(long producerId) {
        ProducerState producer = producers.get(producerId);
        return producer == null ? null : producer.describe();
    }

    @Override
    public String toString() {
        return "ProducerStates[%d producers, %d ongoing and %d unreplicated transactions, end offset %d]"
                .formatted(producers.size(), ongoing.size(), unreplicated.size(), endOffset);
    }
}
