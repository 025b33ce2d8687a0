// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.gateway.session.SubscriptionEffect.Deliver;
import io.tailrace.gateway.session.SubscriptionEffect.JoinTail;
import io.tailrace.gateway.session.SubscriptionEffect.LeaveTail;
import io.tailrace.gateway.session.SubscriptionEffect.Locate;
import io.tailrace.gateway.session.SubscriptionEffect.Pause;
import io.tailrace.gateway.session.SubscriptionEffect.ReadAt;
import io.tailrace.gateway.session.SubscriptionEffect.RetryLater;
import io.tailrace.gateway.session.SubscriptionEffect.TellAdded;
import io.tailrace.gateway.session.SubscriptionEffect.TellGap;
import io.tailrace.gateway.session.SubscriptionEffect.TellOpened;
import io.tailrace.gateway.session.SubscriptionEffect.TellState;
import io.tailrace.gateway.session.SubscriptionEvent.Closed;
import io.tailrace.gateway.session.SubscriptionEvent.CreditAdded;
import io.tailrace.gateway.session.SubscriptionEvent.Located;
import io.tailrace.gateway.session.SubscriptionEvent.NotLocated;
import io.tailrace.gateway.session.SubscriptionEvent.Opened;
import io.tailrace.gateway.session.SubscriptionEvent.PartitionsAdded;
import io.tailrace.gateway.session.SubscriptionEvent.PartitionsRemoved;
import io.tailrace.gateway.session.SubscriptionEvent.PauseOver;
import io.tailrace.gateway.session.SubscriptionEvent.ReadDone;
import io.tailrace.gateway.session.SubscriptionEvent.RetryDue;
import io.tailrace.gateway.session.SubscriptionEvent.SocketDrained;
import io.tailrace.gateway.session.SubscriptionEvent.SocketFilled;
import io.tailrace.gateway.session.SubscriptionEvent.TailArrived;
import io.tailrace.gateway.session.SubscriptionEvent.TailMissed;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SubscriptionMachineTest {

    private static final long NOW = 0;
    private static final Start EARLIEST = new Start.Earliest();

    @Test
    void asksForEveryStartAndTellsThemTogether() {
        SubscriptionMachine<String> machine = machine(10, 1000);

        assertThat(machine.step(new Opened<>(Map.of(0, EARLIEST)), NOW)).containsExactly(new Locate<>(0, EARLIEST));
        assertThat(machine.step(new Located<>(0, Position.at(5)), NOW))
                .startsWith(new TellOpened<>())
                .hasSize(2);
        assertThat(machine.positions()).containsExactly(Map.entry(0, Position.at(5)));
    }

    @Test
    void readsPartitionsThatAreAddedAndTellsTheOpeningOnce() {
        SubscriptionMachine<String> machine = opened(10, 1000);

        assertThat(machine.step(new PartitionsAdded<>(Map.of(0, EARLIEST, 1, EARLIEST)), NOW))
                .containsExactly(new Locate<>(1, EARLIEST));
        assertThat(machine.step(new Located<>(1, Position.at(0)), NOW)).doesNotContain(new TellOpened<>());
        assertThat(machine.step(new CreditAdded<>(5, 100), NOW))
                .containsExactly(new ReadAt<>(1, Position.at(0), new Credit.Grant(5, 100)));
    }

    @Test
    void aSamplerLeavesWhatIsNewAloneUntilItIsTime() {
        SubscriptionMachine<String> machine = new SubscriptionMachine<>(new Credit(10, 1000), new Pace(true, 500));
        machine.step(new Opened<>(Map.of(0, EARLIEST)), 0);
        machine.step(new Located<>(0, Position.at(0)), 0);
        machine.step(new ReadDone<>(0, new ReadOutcome.AtEnd<>()), 1_000);

        assertThat(machine.step(new TailArrived<>(0, chunk(0, 1)), 1_200))
                .containsExactly(new LeaveTail<>(0), new Pause<>(0, 300));
        assertThat(machine.step(new CreditAdded<>(1, 1), 1_300)).isEmpty();
        assertThat(machine.step(new PauseOver<>(0), 1_500))
                .containsExactly(new ReadAt<>(0, Position.at(0), new Credit.Grant(11, 1001)));
        assertThat(machine.step(new ReadDone<>(0, new ReadOutcome.Found<>(chunk(0, 9), 9)), 1_501))
                .containsExactly(new Deliver<>(0, chunk(0, 9)), new JoinTail<>(0, new Position(9, 7)));
        assertThat(machine.step(new TailArrived<>(0, chunk(9, 10)), 9_000))
                .as("after a silence")
                .startsWith(new LeaveTail<>(0))
                .hasAtLeastOneElementOfType(ReadAt.class);
    }

    @Test
    void readsNoLongerWhatIsTakenAwayAndForgetsWhatWasOnItsWay() {
        SubscriptionMachine<String> machine = reading(10, 1000);

        assertThat(machine.step(new PartitionsRemoved<>(Set.of(0)), NOW)).isEmpty();
        assertThat(machine.step(new PartitionsAdded<>(Map.of(0, EARLIEST)), NOW))
                .as("while a read of before is under way")
                .isEmpty();
        assertThat(machine.step(new ReadDone<>(0, new ReadOutcome.Found<>(chunk(0, 4), 4)), NOW))
                .containsExactly(new Locate<>(0, EARLIEST));
        assertThat(machine.credit().records()).isEqualTo(10);
        assertThat(machine.step(new Located<>(0, Position.at(9)), NOW))
                .containsExactly(
                        new TellAdded<>(0, Position.at(9)),
                        new ReadAt<>(0, Position.at(9), new Credit.Grant(10, 1000)));
    }

    @Test
    void leavesTheTailOfWhatIsTakenAway() {
        SubscriptionMachine<String> machine = live(10, 1000);

        assertThat(machine.step(new PartitionsRemoved<>(Set.of(0)), NOW)).containsExactly(new LeaveTail<>(0));
        assertThat(machine.step(new PartitionsRemoved<>(Set.of(0, 7)), NOW)).isEmpty();
        assertThat(machine.step(new CreditAdded<>(1, 1), NOW)).isEmpty();
        assertThat(machine.positions()).isEmpty();
    }

    @Test
    void opensWithNothingAndReadsWhatIsAddedLater() {
        SubscriptionMachine<String> machine = machine(10, 1000);

        assertThat(machine.step(new Opened<>(Map.of()), NOW)).containsExactly(new TellOpened<>());
        assertThat(machine.step(new PartitionsAdded<>(Map.of(2, EARLIEST)), NOW))
                .containsExactly(new Locate<>(2, EARLIEST));
    }

    @Test
    void readsNothingWithoutCreditAndAsSoonAsThereIsSome() {
        SubscriptionMachine<String> machine = opened(0, 0);

        assertThat(machine.step(new SocketDrained<>(), NOW)).isEmpty();
        assertThat(machine.step(new CreditAdded<>(3, 100), NOW))
                .containsExactly(new ReadAt<>(0, Position.at(0), new Credit.Grant(3, 100)));
    }

    @Test
    void readsNothingWhileTheSocketIsFull() {
        SubscriptionMachine<String> machine = opened(0, 0);
        machine.step(new SocketFilled<>(), NOW);

        assertThat(machine.step(new CreditAdded<>(3, 100), NOW)).isEmpty();
        assertThat(machine.step(new SocketDrained<>(), NOW))
                .hasOnlyElementsOfType(ReadAt.class)
                .hasSize(1);
    }

    @Test
    void goesLiveWhereItsReadingEnded() {
        SubscriptionMachine<String> machine = reading(10, 1000);
        Chunk<String> chunk = chunk(0, 4);

        assertThat(machine.step(new ReadDone<>(0, new ReadOutcome.Found<>(chunk, 4)), NOW))
                .containsExactly(
                        new Deliver<>(0, chunk),
                        new TellState<>(0, PartitionState.LIVE),
                        new JoinTail<>(0, chunk.next()));
    }

    @Test
    void readsOnWhileThereIsMore() {
        SubscriptionMachine<String> machine = reading(10, 1000);
        Chunk<String> chunk = chunk(0, 4);

        assertThat(machine.step(new ReadDone<>(0, new ReadOutcome.Found<>(chunk, 9)), NOW))
                .containsExactly(
                        new Deliver<>(0, chunk),
                        new TellState<>(0, PartitionState.CATCHING_UP),
                        new ReadAt<>(0, chunk.next(), new Credit.Grant(6, 996)));
    }

    @Test
    void takesFromTheTailWhatItsCreditCovers() {
        SubscriptionMachine<String> machine = live(5, 1000);

        assertThat(machine.step(new TailArrived<>(0, chunk(0, 5)), NOW)).containsExactly(new Deliver<>(0, chunk(0, 5)));
        assertThat(machine.step(new TailArrived<>(0, chunk(5, 6)), NOW)).containsExactly(new LeaveTail<>(0));
        assertThat(machine.step(new CreditAdded<>(1, 1), NOW))
                .containsExactly(new ReadAt<>(0, new Position(5, 7), new Credit.Grant(1, 996)));
    }

    @Test
    void goesOnWhereTheTailHadNothingForItInBetween() {
        SubscriptionMachine<String> machine = live(5, 1000);

        assertThat(machine.step(new TailArrived<>(0, chunk(7, 8)), NOW)).containsExactly(new Deliver<>(0, chunk(7, 8)));
    }

    @Test
    void passesOverWhatItReadBeforeItJoined() {
        SubscriptionMachine<String> machine = live(5, 1000);
        machine.step(new TailArrived<>(0, chunk(0, 3)), NOW);

        assertThat(machine.step(new TailArrived<>(0, chunk(1, 3)), NOW)).isEmpty();
        assertThat(machine.step(new TailArrived<>(0, chunk(3, 4)), NOW)).containsExactly(new Deliver<>(0, chunk(3, 4)));
    }

    @Test
    void leavesTheTailThatBringsSomeOfItAgain() {
        SubscriptionMachine<String> machine = live(5, 1000);
        machine.step(new TailArrived<>(0, chunk(0, 2)), NOW);

        assertThat(machine.step(new TailArrived<>(0, chunk(1, 3)), NOW))
                .containsExactly(new LeaveTail<>(0), new ReadAt<>(0, new Position(2, 7), new Credit.Grant(3, 998)));
    }

    @Test
    void readsForItselfFromWhereTheTailLeftIt() {
        assertThat(live(5, 1000).step(new TailMissed<>(0, new Position(40, 7)), NOW))
                .containsExactly(new ReadAt<>(0, new Position(40, 7), new Credit.Grant(5, 1000)));
        SubscriptionMachine<String> ahead = live(5, 1000);
        ahead.step(new TailArrived<>(0, chunk(0, 3)), NOW);
        assertThat(ahead.step(new TailMissed<>(0, Position.at(2)), NOW))
                .containsExactly(new ReadAt<>(0, new Position(3, 7), new Credit.Grant(2, 997)));
    }

    @Test
    void tellsWhatRetentionTookAndGoesOnBehindIt() {
        assertThat(reading(10, 1000).step(new ReadDone<>(0, new ReadOutcome.OutOfRange<>(7, 20)), NOW))
                .containsExactly(
                        new TellGap<>(0, 0, 7, GapReason.RETENTION),
                        new ReadAt<>(0, Position.at(7), new Credit.Grant(10, 1000)));
    }

    @Test
    void tellsWhatANewLeaderReplacedAndReadsItAgain() {
        SubscriptionMachine<String> machine = machine(10, 1000);
        machine.step(new Opened<>(Map.of(0, EARLIEST)), NOW);
        machine.step(new Located<>(0, new Position(9, 3)), NOW);

        assertThat(machine.step(new ReadDone<>(0, new ReadOutcome.Diverged<>(2, 6)), NOW))
                .containsExactly(
                        new TellGap<>(0, 9, 6, GapReason.TRUNCATION),
                        new ReadAt<>(0, new Position(6, 2), new Credit.Grant(10, 1000)));
    }

    @Test
    void triesAgainWhatIsUnavailableAndTellsSoOnce() {
        SubscriptionMachine<String> machine = reading(10, 1000);

        assertThat(machine.step(new ReadDone<>(0, new ReadOutcome.Unavailable<>()), NOW))
                .containsExactly(new TellState<>(0, PartitionState.OFFLINE), new RetryLater<>(0, 1));
        assertThat(machine.step(new RetryDue<>(0), NOW))
                .hasOnlyElementsOfType(ReadAt.class)
                .hasSize(1);
        assertThat(machine.step(new ReadDone<>(0, new ReadOutcome.Unavailable<>()), NOW))
                .containsExactly(new RetryLater<>(0, 2));
    }

    @Test
    void opensWithoutThePartitionThatCannotSayWhereItIs() {
        SubscriptionMachine<String> machine = machine(10, 1000);
        machine.step(new Opened<>(Map.of(0, EARLIEST, 1, EARLIEST)), NOW);
        machine.step(new NotLocated<>(0, new ReadOutcome.Unavailable<>()), NOW);

        assertThat(machine.step(new Located<>(1, Position.at(0)), NOW))
                .startsWith(new TellOpened<>(), new TellState<>(0, PartitionState.OFFLINE))
                .hasAtLeastOneElementOfType(ReadAt.class);
    }

    @Test
    void leavesHalfOfTheCreditToTheOtherPartition() {
        SubscriptionMachine<String> machine = machine(10, 1000);
        machine.step(new Opened<>(Map.of(0, EARLIEST, 1, EARLIEST)), NOW);
        machine.step(new Located<>(0, Position.at(0)), NOW);

        assertThat(machine.step(new Located<>(1, Position.at(0)), NOW))
                .containsExactly(
                        new TellOpened<>(),
                        new ReadAt<>(0, Position.at(0), new Credit.Grant(5, 500)),
                        new ReadAt<>(1, Position.at(0), new Credit.Grant(5, 500)));
    }

    @Test
    void aRecordLargerThanTheCreditLeavesItInDebt() {
        SubscriptionMachine<String> machine = reading(10, 100);
        Chunk<String> large = new Chunk<>(Position.at(0), new Position(1, 7), 1, 5000, "large");
        machine.step(new ReadDone<>(0, new ReadOutcome.Found<>(large, 9)), NOW);

        assertThat(machine.step(new CreditAdded<>(0, 4900), NOW)).isEmpty();
        assertThat(machine.step(new CreditAdded<>(0, 1), NOW))
                .containsExactly(new ReadAt<>(0, new Position(1, 7), new Credit.Grant(9, 1)));
    }

    @Test
    void aBatchOfMoreRecordsThanTheCreditLeavesItInDebt() {
        SubscriptionMachine<String> machine = live(10, 1000);
        Chunk<String> batch = new Chunk<>(Position.at(0), new Position(30, 7), 30, 90, "batch");
        assertThat(machine.step(new TailArrived<>(0, batch), NOW))
                .containsExactly(new LeaveTail<>(0), new ReadAt<>(0, Position.at(0), new Credit.Grant(10, 1000)));
        assertThat(machine.step(new ReadDone<>(0, new ReadOutcome.Found<>(batch, 90)), NOW))
                .contains(new Deliver<>(0, batch))
                .doesNotHaveAnyElementsOfTypes(ReadAt.class);

        assertThat(machine.step(new CreditAdded<>(20, 0), NOW)).isEmpty();
        assertThat(machine.step(new CreditAdded<>(1, 0), NOW))
                .containsExactly(new ReadAt<>(0, new Position(30, 7), new Credit.Grant(1, 910)));
    }

    @Test
    void isDeafAfterItWasClosed() {
        SubscriptionMachine<String> machine = live(5, 1000);

        assertThat(machine.step(new Closed<>(), NOW)).containsExactly(new LeaveTail<>(0));
        assertThat(machine.step(new TailArrived<>(0, chunk(0, 1)), NOW)).isEmpty();
        assertThat(machine.step(new CreditAdded<>(1, 1), NOW)).isEmpty();
    }

    private static SubscriptionMachine<String> machine(long records, long bytes) {
        return new SubscriptionMachine<>(new Credit(records, bytes));
    }

    private static SubscriptionMachine<String> opened(long records, long bytes) {
        SubscriptionMachine<String> machine = machine(records, bytes);
        machine.step(new Opened<>(Map.of(0, EARLIEST)), NOW);
        machine.step(new Located<>(0, Position.at(0)), NOW);
        return machine;
    }

    private static SubscriptionMachine<String> reading(long records, long bytes) {
        return opened(records, bytes);
    }

    private static SubscriptionMachine<String> live(long records, long bytes) {
        SubscriptionMachine<String> machine = opened(records, bytes);
        List<SubscriptionEffect<String>> effects = machine.step(new ReadDone<>(0, new ReadOutcome.AtEnd<>()), NOW);
        assertThat(effects).endsWith(new JoinTail<>(0, Position.at(0)));
        return machine;
    }

    /** Records of one byte each, all of epoch 7. */
    private static Chunk<String> chunk(long from, long to) {
        return new Chunk<>(new Position(from, 7), new Position(to, 7), (int) (to - from), to - from, from + ".." + to);
    }
}
