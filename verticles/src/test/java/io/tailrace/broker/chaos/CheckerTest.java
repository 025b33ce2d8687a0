// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.chaos.Anomaly.Kind;
import io.tailrace.broker.chaos.Operation.Commit;
import io.tailrace.broker.chaos.Operation.Committed;
import io.tailrace.broker.chaos.Operation.Mode;
import io.tailrace.broker.chaos.Operation.Outcome;
import io.tailrace.broker.chaos.Operation.Poll;
import io.tailrace.broker.chaos.Operation.Seen;
import io.tailrace.broker.chaos.Operation.Send;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** Histories as a log would make them, and with one thing wrong each. A value is 100 above its offset where nothing is wrong. */
final class CheckerTest {

    private static final TopicPartition P = new TopicPartition("t", 0);

    private final List<Operation> history = new ArrayList<>();
    private long clock;

    private void sent(int producer, long value, Outcome outcome, long offset) {
        history.add(new Send(producer, value, P, value, clock, ++clock, outcome, offset, ""));
    }

    /** Producer 1 is acknowledged at offsets 0 to {@code count}, exclusive. */
    private void acknowledged(int count) {
        IntStream.range(0, count).forEach(offset -> sent(1, 100 + offset, Outcome.OK, offset));
    }

    private void polled(int consumer, Mode mode, int span, long... offsets) {
        polledAs(consumer, mode, span, offsets, 100);
    }

    private void polledAs(int consumer, Mode mode, int span, long[] offsets, long valueAbove) {
        history.add(new Poll(
                consumer,
                mode,
                span,
                ++clock,
                java.util.Arrays.stream(offsets)
                        .mapToObj(offset -> new Seen(P, offset, offset + valueAbove))
                        .toList()));
    }

    private void committed(int consumer, long offset, Outcome outcome) {
        history.add(new Commit(consumer, "g", P, offset, ++clock, outcome));
    }

    private void readCommit(long offset) {
        history.add(new Committed("g", P, offset, ++clock));
    }

    private List<Kind> kinds() {
        return Checker.check(history).stream().map(Anomaly::kind).toList();
    }

    @Test
    void aSoundHistoryHasNoAnomaly() {
        acknowledged(5);
        sent(1, 105, Outcome.UNKNOWN, -1); // was written after all, as the readers find
        sent(1, 106, Outcome.UNKNOWN, -1); // was not
        sent(2, 107, Outcome.FAILED, -1);
        polled(1, Mode.ASSIGN, 1, 0, 1, 2);
        polled(1, Mode.ASSIGN, 1, 3, 4, 5);
        polled(2, Mode.SUBSCRIBE, 1, 0, 1);
        committed(2, 2, Outcome.OK);
        readCommit(2);
        polled(3, Mode.SUBSCRIBE, 1, 2, 3);
        committed(3, 4, Outcome.UNKNOWN);
        readCommit(4);
        polled(9, Mode.FINAL, 1, 0, 1, 2, 3, 4, 5);
        assertThat(kinds()).isEmpty();
    }

    @Test
    void holesInOffsetsAreNoAnomaly() {
        sent(1, 100, Outcome.OK, 0);
        sent(1, 105, Outcome.OK, 5);
        polled(9, Mode.FINAL, 1, 0, 5);
        assertThat(kinds()).isEmpty();
    }

    @Test
    void anAcknowledgedRecordThatIsMissingInTheMiddleIsLost() {
        sent(1, 100, Outcome.OK, 0);
        sent(1, 777, Outcome.OK, -1);
        sent(1, 102, Outcome.OK, 2);
        polled(9, Mode.FINAL, 1, 0, 2);
        assertThat(kinds()).containsExactly(Kind.LOST_WRITE);
    }

    @Test
    void anAcknowledgedRecordThatTheFinalReaderGoesPastIsLostAndSkipped() {
        acknowledged(3);
        polled(9, Mode.FINAL, 1, 0, 2);
        assertThat(kinds()).containsExactly(Kind.LOST_WRITE, Kind.POLL_SKIP);
    }

    @Test
    void anAcknowledgedRecordPastTheEndIsUnseen() {
        acknowledged(3);
        polled(9, Mode.FINAL, 1, 0, 1);
        assertThat(kinds()).containsExactly(Kind.UNSEEN_WRITE);
    }

    @Test
    void whatNobodyReadAtAllIsUnseen() {
        acknowledged(1);
        assertThat(kinds()).containsExactly(Kind.UNSEEN_WRITE);
    }

    @Test
    void aRecordThatWasReadAndIsGoneHasVanished() {
        acknowledged(2);
        sent(1, 102, Outcome.UNKNOWN, -1);
        polled(1, Mode.ASSIGN, 1, 0, 1, 2);
        polled(9, Mode.FINAL, 1, 0, 1);
        assertThat(kinds()).containsExactly(Kind.VANISHED_READ);
    }

    @Test
    void oneRecordAtTwoOffsetsIsADuplicate() {
        acknowledged(2);
        polled(9, Mode.FINAL, 1, 0, 1);
        polledAs(9, Mode.FINAL, 1, new long[] {2}, 99); // value 101 again
        assertThat(kinds()).containsExactly(Kind.DUPLICATE);
    }

    @Test
    void twoRecordsAtOneOffsetAreInconsistent() {
        acknowledged(2);
        sent(2, 201, Outcome.UNKNOWN, -1);
        polledAs(1, Mode.ASSIGN, 1, new long[] {1}, 200);
        polled(9, Mode.FINAL, 1, 0, 1);
        assertThat(kinds()).containsExactly(Kind.INCONSISTENT_OFFSET, Kind.VANISHED_READ);
    }

    @Test
    void recordsOfOneProducerInAnotherOrderAreReordered() {
        sent(1, 101, Outcome.OK, 1);
        history.add(new Send(1, 102, P, 100, clock, ++clock, Outcome.OK, 0, ""));
        polled(9, Mode.FINAL, 1, 0, 1);
        assertThat(kinds()).containsExactly(Kind.REORDERED_SEND);
    }

    @Test
    void anUnacknowledgedRecordOutOfOrderIsReorderedToo() {
        sent(1, 101, Outcome.UNKNOWN, -1);
        history.add(new Send(1, 102, P, 100, clock, ++clock, Outcome.OK, 0, ""));
        polled(9, Mode.FINAL, 1, 0, 1);
        assertThat(kinds()).containsExactly(Kind.REORDERED_SEND);
    }

    @Test
    void recordsOfDifferentProducersHaveNoOrder() {
        sent(1, 101, Outcome.OK, 1);
        sent(2, 100, Outcome.OK, 0);
        polled(9, Mode.FINAL, 1, 0, 1);
        assertThat(kinds()).isEmpty();
    }

    @Test
    void whatFailedAndIsReadIsAPhantom() {
        acknowledged(1);
        sent(1, 101, Outcome.FAILED, -1);
        polled(9, Mode.FINAL, 1, 0, 1);
        assertThat(kinds()).containsExactly(Kind.PHANTOM_READ);
    }

    @Test
    void whatNobodySentAndIsReadIsAPhantom() {
        acknowledged(1);
        polled(9, Mode.FINAL, 1, 0, 1);
        assertThat(kinds()).containsExactly(Kind.PHANTOM_READ);
    }

    @Test
    void aConsumerThatJumpsAheadSkips() {
        acknowledged(4);
        polled(1, Mode.ASSIGN, 1, 0, 1);
        polled(1, Mode.ASSIGN, 1, 3);
        polled(9, Mode.FINAL, 1, 0, 1, 2, 3);
        assertThat(kinds()).containsExactly(Kind.POLL_SKIP);
    }

    @Test
    void aJumpWithinOnePollIsASkip() {
        acknowledged(3);
        polled(1, Mode.SUBSCRIBE, 1, 0, 2);
        polled(9, Mode.FINAL, 1, 0, 1, 2);
        assertThat(kinds()).containsExactly(Kind.POLL_SKIP);
    }

    @Test
    void aConsumerThatGoesBackIsNotMonotonic() {
        acknowledged(3);
        polled(1, Mode.ASSIGN, 1, 0, 1, 2);
        polled(1, Mode.ASSIGN, 1, 1, 2);
        polled(9, Mode.FINAL, 1, 0, 1, 2);
        assertThat(kinds()).containsExactly(Kind.NONMONOTONIC_POLL);
    }

    @Test
    void aNewAssignmentMayBeginAnywhere() {
        acknowledged(4);
        polled(1, Mode.SUBSCRIBE, 1, 0, 1);
        polled(1, Mode.SUBSCRIBE, 2, 0, 1);
        polled(1, Mode.SUBSCRIBE, 3, 3);
        polled(9, Mode.FINAL, 1, 0, 1, 2, 3);
        assertThat(kinds()).isEmpty();
    }

    @Test
    void anAcknowledgedCommitThatIsReadLowerWentBack() {
        acknowledged(3);
        polled(1, Mode.SUBSCRIBE, 1, 0, 1, 2);
        committed(1, 1, Outcome.OK);
        committed(1, 3, Outcome.OK);
        readCommit(1);
        polled(9, Mode.FINAL, 1, 0, 1, 2);
        assertThat(kinds()).containsExactly(Kind.COMMIT_WENT_BACK);
    }

    @Test
    void anAcknowledgedCommitThatIsGoneWentBack() {
        acknowledged(1);
        polled(1, Mode.SUBSCRIBE, 1, 0);
        committed(1, 1, Outcome.OK);
        readCommit(-1);
        polled(9, Mode.FINAL, 1, 0);
        assertThat(kinds()).containsExactly(Kind.COMMIT_WENT_BACK);
    }

    @Test
    void aCommitOfUnknownEndThatArrivesLateIsOnlyReported() {
        acknowledged(3);
        polled(1, Mode.SUBSCRIBE, 1, 0, 1, 2);
        committed(1, 1, Outcome.UNKNOWN);
        committed(1, 3, Outcome.OK);
        readCommit(1);
        polled(9, Mode.FINAL, 1, 0, 1, 2);
        assertThat(kinds()).containsExactly(Kind.LATE_COMMIT);
        assertThat(Kind.LATE_COMMIT.forbidden()).isFalse();
    }

    @Test
    void aGroupThatCommitsPastWhatItWasShownSkips() {
        acknowledged(4);
        polled(1, Mode.SUBSCRIBE, 1, 0, 1);
        committed(1, 2, Outcome.OK);
        polled(2, Mode.SUBSCRIBE, 1, 3);
        committed(2, 4, Outcome.OK);
        polled(9, Mode.FINAL, 1, 0, 1, 2, 3);
        assertThat(kinds()).containsExactly(Kind.GROUP_SKIP);
    }
}
