// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.producer;

import static io.tailrace.log.producer.ProducerVerdict.Accepted.ACCEPTED;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.log.AppendOrigin;
import io.tailrace.log.Batches;
import io.tailrace.log.producer.ProducerVerdict.Duplicate;
import io.tailrace.log.producer.ProducerVerdict.Refused;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProducerStatesTest {

    private static final long PID = 42;
    private static final long OTHER = 43;

    private final ProducerStates states = new ProducerStates(ProducerLimits.DEFAULT);
    private long nextOffset = 100;

    @Test
    void acceptsTheNextSequence() {
        append(Batches.idempotent(PID, 0, 0, 3));

        assertThat(check(Batches.idempotent(PID, 0, 3, 2))).isEqualTo(ACCEPTED);
        assertThat(check(Batches.plain(2))).as("without a producer id").isEqualTo(ACCEPTED);
    }

    @Test
    void answersADuplicateWithTheOriginalOffsets() {
        for (int i = 0; i < 6; i++) {
            append(Batches.idempotent(PID, 0, i * 3, 3));
        }

        for (int i = 1; i < 6; i++) {
            assertThat(check(Batches.idempotent(PID, 0, i * 3, 3)))
                    .isEqualTo(new Duplicate(100 + i * 3, 102 + i * 3, Batches.TIMESTAMP + 2));
        }
        assertThat(check(Batches.idempotent(PID, 0, 0, 3)))
                .as("the sixth last is out of the window")
                .isInstanceOf(Refused.class);
        assertThat(check(Batches.idempotent(PID, 0, 3, 2)))
                .as("only exactly the same range is a duplicate")
                .isInstanceOf(Refused.class);
    }

    @Test
    void refusesAGap() {
        append(Batches.idempotent(PID, 0, 0, 3));

        assertThat(error(check(Batches.idempotent(PID, 0, 4, 1)))).isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
    }

    @Test
    void sequencesBeginAgainAfterTheGreatest() {
        append(Batches.idempotent(PID, 0, Integer.MAX_VALUE - 1, 2));
        assertThat(check(Batches.idempotent(PID, 0, 0, 1))).isEqualTo(ACCEPTED);

        append(Batches.idempotent(OTHER, 0, Integer.MAX_VALUE - 1, 4));
        assertThat(check(Batches.idempotent(OTHER, 0, 2, 1))).isEqualTo(ACCEPTED);
        assertThat(check(Batches.idempotent(OTHER, 0, Integer.MAX_VALUE - 1, 4)))
                .isEqualTo(new Duplicate(102, 105, Batches.TIMESTAMP + 3));
    }

    @Test
    void aProducerThatHasWrittenNothingBeginsAtZero() {
        var whole = new ProducerStates(ProducerLimits.DEFAULT);
        append(whole, Batches.idempotent(OTHER, 0, 0, 2), 0);

        assertThat(error(check(whole, Batches.idempotent(PID, 0, 3, 1))))
                .as("the batch before it is on its way again, and must not be shut out")
                .isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(check(whole, Batches.idempotent(PID, 0, 0, 3))).isEqualTo(ACCEPTED);
        append(whole, Batches.idempotent(PID, 0, 0, 3), 2);
        assertThat(check(whole, Batches.idempotent(PID, 0, 3, 1))).isEqualTo(ACCEPTED);
    }

    @Test
    void aProducerThatMayHaveBeenForgottenGoesOnAnywhere() {
        append(Batches.plain(1));
        assertThat(check(Batches.idempotent(PID, 3, 1000, 1)))
                .as("KIP-360: the log begins at offset 100, its records may have been deleted")
                .isEqualTo(ACCEPTED);

        var expired = new ProducerStates(ProducerLimits.DEFAULT);
        append(expired, Batches.idempotent(PID, 0, 0, 1), 0);
        expired.expire(Batches.TIMESTAMP + TimeUnit.DAYS.toMillis(1));
        assertThat(check(expired, Batches.idempotent(PID, 0, 1, 1)))
                .as("it was idle for a day")
                .isEqualTo(ACCEPTED);

        var compacted = new ProducerStates(ProducerLimits.DEFAULT);
        append(compacted, Batches.plain(1), 0);
        append(compacted, Batches.plain(1), 5);
        assertThat(check(compacted, Batches.idempotent(PID, 0, 1, 1)))
                .as("offsets 1 to 4 are gone")
                .isEqualTo(ACCEPTED);

        var loaded = new ProducerStates(ProducerLimits.DEFAULT);
        loaded.load(List.of(), 0, ProducerStates.ANYBODY, Batches.TIMESTAMP);
        assertThat(check(loaded, Batches.idempotent(PID, 0, 1, 1)))
                .as("a snapshot does not tell whom it has left out")
                .isEqualTo(ACCEPTED);

        var cut = new ProducerStates(ProducerLimits.DEFAULT);
        cut.load(List.of(), 10, ProducerStates.NOBODY, Batches.TIMESTAMP);
        cut.sawUpTo(20);
        assertThat(check(cut, Batches.idempotent(PID, 0, 1, 1)))
                .as("nobody has seen what is below offset 20")
                .isEqualTo(ACCEPTED);
    }

    @Test
    void whatAProducerSentBeforeItsLastBatchIsInTheLogAlsoIfASnapshotDoesNotSayWhere() throws CorruptSnapshotException {
        var whole = new ProducerStates(ProducerLimits.DEFAULT);
        for (int i = 0; i < 4; i++) {
            append(whole, Batches.idempotent(PID, 0, i * 2, 2), i * 2);
        }
        var loaded = new ProducerStates(ProducerLimits.DEFAULT);
        List<ProducerDescription> snapshot = ProducerSnapshot.decode(ProducerSnapshot.encode(whole.describe()));
        loaded.load(snapshot, 8, ProducerStates.NOBODY, Batches.TIMESTAMP);

        assertThat(check(loaded, Batches.idempotent(PID, 0, 6, 2)))
                .isEqualTo(new Duplicate(6, 7, Batches.TIMESTAMP + 1));
        assertThat(check(loaded, Batches.idempotent(PID, 0, 2, 2)))
                .as("it counts when the last one does")
                .isEqualTo(new Duplicate(-1, 7, Batches.TIMESTAMP + 1));
        assertThat(check(loaded, Batches.idempotent(PID, 0, 7, 1)))
                .as("a part of the last one")
                .isEqualTo(new Duplicate(-1, 7, Batches.TIMESTAMP + 1));
        assertThat(error(check(loaded, Batches.idempotent(PID, 0, 7, 2))))
                .isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(error(check(loaded, Batches.idempotent(PID, 0, 9, 2))))
                .isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(error(check(loaded, Batches.idempotent(PID, 1, 2, 2))))
                .isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);

        var forgetful = new ProducerStates(ProducerLimits.DEFAULT);
        forgetful.load(snapshot, 8, PID, Batches.TIMESTAMP);
        assertThat(error(check(forgetful, Batches.idempotent(PID, 0, 2, 2))))
                .as("it may have begun later")
                .isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
    }

    @Test
    void whatIsBeforeTheGreatestSequenceIsNotWhatComesAfterIt() {
        var lap = new ProducerStates(ProducerLimits.DEFAULT);
        lap.load(
                List.of(new ProducerDescription(
                        PID, (short) 0, Integer.MAX_VALUE - 5, 0, 0, Batches.TIMESTAMP, -1, -1)),
                1,
                ProducerStates.NOBODY,
                Batches.TIMESTAMP);

        assertThat(error(check(lap, Batches.idempotent(PID, 0, 0, 1)))).isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
    }

    @Test
    void aProducerThatIsNewerThanAllThatWereForgottenBeginsAtZero() throws CorruptSnapshotException {
        var whole = new ProducerStates(ProducerLimits.DEFAULT);
        append(whole, Batches.idempotent(PID, 0, 0, 2), 0);
        ByteBuffer snapshot = ProducerSnapshot.encode(whole.describe());
        long dayLater = Batches.TIMESTAMP + TimeUnit.DAYS.toMillis(1) + 1;

        var loaded = new ProducerStates(ProducerLimits.DEFAULT);
        loaded.load(ProducerSnapshot.decode(snapshot), 2, whole.forgottenUpTo(), Batches.TIMESTAMP);
        assertThat(error(check(loaded, Batches.idempotent(PID + 1, 0, 3, 1))))
                .as("the snapshot has left nobody out")
                .isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(check(loaded, Batches.idempotent(PID + 1, 0, 0, 1))).isEqualTo(ACCEPTED);

        loaded.expire(dayLater);
        var late = new ProducerStates(ProducerLimits.DEFAULT);
        late.load(ProducerSnapshot.decode(snapshot), 2, whole.forgottenUpTo(), dayLater);
        for (ProducerStates expired : List.of(loaded, late)) {
            assertThat(expired.forgottenUpTo()).isEqualTo(PID);
            assertThat(check(expired, Batches.idempotent(PID, 0, 3, 1))).isEqualTo(ACCEPTED);
            assertThat(error(check(expired, Batches.idempotent(PID + 1, 0, 3, 1))))
                    .as("ids are not given out twice")
                    .isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
        }
    }

    @Test
    void aNewEpochBeginsAtZeroAndFencesTheOldOne() {
        append(Batches.idempotent(PID, 1, 0, 3));

        assertThat(error(check(Batches.idempotent(PID, 2, 3, 1)))).isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
        append(Batches.idempotent(PID, 2, 0, 1));
        assertThat(error(check(Batches.idempotent(PID, 1, 3, 1)))).isEqualTo(Errors.INVALID_PRODUCER_EPOCH);
        assertThat(error(check(Batches.idempotent(PID, 1, 0, 3))))
                .as("a duplicate of a fenced epoch is fenced too")
                .isEqualTo(Errors.INVALID_PRODUCER_EPOCH);
    }

    @Test
    void aFollowerTakesWhatItsLeaderTook() {
        append(Batches.idempotent(PID, 5, 0, 3));

        assertThat(states.check(
                        Batches.view(Batches.idempotent(PID, 4, 77, 1)),
                        AppendOrigin.REPLICATION,
                        TransactionTerms.NONE))
                .isEqualTo(ACCEPTED);
    }

    @Test
    void theStableOffsetWaitsForTheOldestTransactionAndItsReplication() {
        append(Batches.transactional(PID, 0, 0, 2)); // 100, 101
        append(Batches.transactional(OTHER, 0, 0, 2)); // 102, 103
        assertThat(states.lastStableOffset(104)).isEqualTo(100);
        assertThat(states.lastStableOffset(50)).isEqualTo(50);

        var committed = requireNonNull(append(Batches.marker(PID, 0, false, 1))); // 104
        assertThat(committed).isEqualTo(new CompletedTransaction(PID, 100, 104, false, 102));
        assertThat(states.firstUnstableOffset()).as("not complete yet").isEqualTo(100);
        states.complete(committed);
        assertThat(states.firstUnstableOffset()).as("marker not replicated").isEqualTo(100);
        states.onHighWatermark(104);
        assertThat(states.firstUnstableOffset()).isEqualTo(100);
        states.onHighWatermark(105);
        assertThat(states.firstUnstableOffset()).isEqualTo(102);
        assertThat(states.firstUndecidedOffset()).isEqualTo(102);

        var aborted = requireNonNull(append(Batches.marker(OTHER, 0, true, 1))); // 105
        assertThat(aborted.indexEntry().lastStableOffset()).isEqualTo(106);
        states.complete(aborted);
        states.onHighWatermark(106);
        assertThat(states.firstUnstableOffset()).isEqualTo(ProducerStates.NO_OFFSET);
        assertThat(states.lastStableOffset(106)).isEqualTo(106);
    }

    @Test
    void aMarkerWithoutATransactionCompletesNothing() {
        assertThat(append(Batches.marker(PID, 0, true, 1))).isNull();
        assertThat(requireNonNull(states.describe(PID)).coordinatorEpoch()).isEqualTo(1);
    }

    @Test
    void refusesABatchOutsideOfTheOpenTransaction() {
        append(Batches.transactional(PID, 0, 0, 2));

        assertThat(error(check(Batches.idempotent(PID, 0, 2, 1)))).isEqualTo(Errors.INVALID_TXN_STATE);
    }

    @Test
    void refusesAMarkerOfAnOldCoordinator() {
        append(Batches.marker(PID, 0, false, 5));

        assertThat(error(checkMarker(Batches.marker(PID, 0, false, 4), 0)))
                .isEqualTo(Errors.TRANSACTION_COORDINATOR_FENCED);
        assertThat(checkMarker(Batches.marker(PID, 0, false, 5), 0)).isEqualTo(ACCEPTED);
    }

    @Test
    void aMarkerOfVersionTwoNeedsAnEpochOfItsOwn() {
        append(Batches.transactional(PID, 3, 0, 2));

        assertThat(checkMarker(Batches.marker(PID, 3, false, 0), 1))
                .as("version 1")
                .isEqualTo(ACCEPTED);
        assertThat(error(checkMarker(Batches.marker(PID, 3, false, 0), 2))).isEqualTo(Errors.INVALID_PRODUCER_EPOCH);
        assertThat(error(checkMarker(Batches.marker(PID, 2, false, 0), 1))).isEqualTo(Errors.INVALID_PRODUCER_EPOCH);
        assertThat(checkMarker(Batches.marker(PID, 4, false, 0), 2)).isEqualTo(ACCEPTED);

        append(Batches.marker(PID, 4, false, 0));
        assertThat(checkMarker(Batches.marker(PID, 4, false, 0), 2))
                .as("the same marker again, its answer was lost")
                .isEqualTo(ACCEPTED);
        assertThat(error(check(Batches.transactional(PID, 3, 2, 1))))
                .as("KIP-890: a late batch of the ended transaction")
                .isEqualTo(Errors.INVALID_PRODUCER_EPOCH);
    }

    @Test
    void theFirstBatchOfATransactionNeedsItsGuardWhereTheBrokerVerifies() {
        var verifying = new ProducerStates(new ProducerLimits(1000, true));
        var batch = Batches.view(Batches.transactional(PID, 0, 0, 2));
        assertThat(error(verifying.check(batch, AppendOrigin.CLIENT, TransactionTerms.NONE)))
                .isEqualTo(Errors.INVALID_TXN_STATE);

        long guard = verifying.beginVerification(PID, (short) 0, 0, true, 0);
        assertThat(verifying.check(batch, AppendOrigin.CLIENT, TransactionTerms.verified(guard)))
                .isEqualTo(ACCEPTED);
        verifying.append(batch);
        assertThat(verifying.beginVerification(PID, (short) 0, 2, true, 0))
                .as("the transaction is known now")
                .isEqualTo(TransactionTerms.NO_GUARD);

        requireNonNull(verifying.append(Batches.view(Batches.marker(PID, 1, true, 0), 2)));
        var late = Batches.view(Batches.transactional(PID, 1, 0, 1));
        assertThat(error(verifying.check(late, AppendOrigin.CLIENT, TransactionTerms.verified(guard))))
                .as("a guard is good for one transaction")
                .isEqualTo(Errors.INVALID_TXN_STATE);
    }

    @Test
    void aVerifiedTransactionOfVersionTwoBeginsAtZero() {
        var verifying = new ProducerStates(new ProducerLimits(1000, true));
        long guard = verifying.beginVerification(PID, (short) 0, 3, true, 0);
        var batch = Batches.view(Batches.transactional(PID, 0, 3, 1));

        assertThat(error(verifying.check(batch, AppendOrigin.CLIENT, TransactionTerms.verified(guard))))
                .isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
    }

    @Test
    void aBatchBeyondTheOneThatWaitsForVerificationLeavesAGap() {
        var verifying = new ProducerStates(new ProducerLimits(1000, true));
        verifying.beginVerification(PID, (short) 0, 0, false, 0);
        long guard = verifying.beginVerification(PID, (short) 0, 3, false, 0);
        var second = Batches.view(Batches.transactional(PID, 0, 3, 1));

        assertThat(error(verifying.check(second, AppendOrigin.CLIENT, TransactionTerms.verified(guard))))
                .isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
    }

    @Test
    void forgetsIdleProducersButNotTheirTransactions() {
        long day = TimeUnit.DAYS.toMillis(1);
        append(Batches.idempotent(PID, 0, 0, 1));
        append(Batches.transactional(OTHER, 0, 0, 1));

        assertThat(states.expire(Batches.TIMESTAMP + day - 1)).isZero();
        assertThat(states.expire(Batches.TIMESTAMP + day)).isEqualTo(1);
        assertThat(states.describe(PID)).isNull();
        assertThat(states.describe(OTHER)).isNotNull();
    }

    @Test
    void aSnapshotCarriesWhatKafkasDoes() throws CorruptSnapshotException {
        append(Batches.idempotent(PID, 1, 0, 3));
        append(Batches.transactional(OTHER, 2, 5, 4));
        append(Batches.marker(7, 3, true, 9));
        ByteBuffer bytes = ProducerSnapshot.encode(states.describe());
        assertThat(bytes.remaining()).isEqualTo(10 + 3 * 46);

        var loaded = new ProducerStates(ProducerLimits.DEFAULT);
        loaded.load(ProducerSnapshot.decode(bytes), states.endOffset(), ProducerStates.NOBODY, Batches.TIMESTAMP);

        assertThat(loaded.describe()).isEqualTo(states.describe());
        assertThat(loaded.firstUnstableOffset()).isEqualTo(103);
        assertThat(loaded.endOffset()).isEqualTo(states.endOffset());
        assertThat(loaded.check(
                        Batches.view(Batches.idempotent(PID, 1, 0, 3)), AppendOrigin.CLIENT, TransactionTerms.NONE))
                .isEqualTo(new Duplicate(100, 102, Batches.TIMESTAMP + 2));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 5, 6, 9, 10, 30, 55})
    void refusesASnapshotWithAFlippedBit(int at) {
        append(Batches.idempotent(PID, 1, 0, 3));
        ByteBuffer bytes = ProducerSnapshot.encode(states.describe());
        bytes.put(at, (byte) (bytes.get(at) ^ 1));

        assertThatThrownBy(() -> ProducerSnapshot.decode(bytes)).isInstanceOf(CorruptSnapshotException.class);
        assertThatThrownBy(() -> ProducerSnapshot.decode(bytes.limit(at))).isInstanceOf(CorruptSnapshotException.class);
    }

    private CompletedTransaction append(ByteBuffer batch) {
        var view = Batches.view(batch, nextOffset);
        nextOffset = view.nextOffset();
        return states.append(view);
    }

    private static void append(ProducerStates states, ByteBuffer batch, long offset) {
        assertThat(states.append(Batches.view(batch, offset))).isNull();
    }

    private ProducerVerdict check(ByteBuffer batch) {
        return check(states, batch);
    }

    private static ProducerVerdict check(ProducerStates states, ByteBuffer batch) {
        return states.check(Batches.view(batch), AppendOrigin.CLIENT, TransactionTerms.NONE);
    }

    private ProducerVerdict checkMarker(ByteBuffer batch, int transactionVersion) {
        return states.check(
                Batches.view(batch), AppendOrigin.COORDINATOR, TransactionTerms.ofMarker(transactionVersion));
    }

    private static Errors error(ProducerVerdict verdict) {
        assertThat(verdict).isInstanceOf(Refused.class);
        return ((Refused) verdict).error();
    }
}
