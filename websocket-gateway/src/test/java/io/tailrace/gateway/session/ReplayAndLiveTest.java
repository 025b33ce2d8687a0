// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A subscription against a log that grows, with a shared read, a socket and a granter of credit that take their turns at random: every record
 * comes exactly once, in order, and never without credit; but for the rest of a batch that is sent as it is stored.
 */
final class ReplayAndLiveTest {

    private static final int STEPS = 4_000;

    private final List<Long> delivered = new ArrayList<>();
    private final Deque<SubscriptionEffect<String>> reads = new ArrayDeque<>();
    private long logEnd;
    private long tail = -1;
    private long grantedRecords;
    private long deliveredRecords;
    private long largestRead;

    /** What the log is made of, and cannot be taken apart. */
    private int batchRecords = 1;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
    void everyRecordComesOnceInOrderWithinTheCredit(long seed) {
        Random random = new Random(seed);
        run(seed, random, 0);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
    void ofWholeBatchesToEveryRecordComesOnceAndOneBatchAtMostOverdrawsTheCredit(long seed) {
        Random random = new Random(seed);
        batchRecords = 2 + random.nextInt(20);
        logEnd = batchRecords;
        run(seed, random, random.nextInt(batchRecords));
    }

    private void run(long seed, Random random, long start) {
        SubscriptionMachine<String> machine = new SubscriptionMachine<>(new Credit(0, 0));
        feed(machine, new SubscriptionEvent.Opened<>(Map.of(0, new Start.Earliest())));
        feed(machine, new SubscriptionEvent.Located<>(0, Position.at(start)));
        for (int step = 0; step < STEPS; step++) {
            switch (random.nextInt(7)) {
                case 0 -> logEnd += (long) random.nextInt(20) * batchRecords;
                case 1 -> {
                    long records = random.nextInt(30);
                    grantedRecords += records;
                    feed(machine, new SubscriptionEvent.CreditAdded<>(records, records));
                }
                case 2 -> feed(machine, new SubscriptionEvent.SocketFilled<>());
                case 3 -> feed(machine, new SubscriptionEvent.SocketDrained<>());
                case 4, 5 -> answerRead(machine, random);
                default -> moveTail(machine, random);
            }
            assertThat(deliveredRecords).as("seed %d", seed).isLessThan(grantedRecords + batchRecords);
        }
        settle(machine);

        assertThat(delivered).as("seed %d", seed).hasSize((int) (logEnd - start));
        for (int i = 0; i < delivered.size(); i++) {
            assertThat(delivered.get(i)).as("seed %d", seed).isEqualTo(start + i);
        }
        assertThat(largestRead).isPositive();
    }

    /** Enough credit, an empty socket, and time: it must get to the end. */
    private void settle(SubscriptionMachine<String> machine) {
        feed(machine, new SubscriptionEvent.SocketDrained<>());
        feed(machine, new SubscriptionEvent.CreditAdded<>(2 * logEnd, 2 * logEnd));
        Random whole = new Random(0);
        for (int i = 0; i < logEnd + 10; i++) {
            answerRead(machine, whole);
            moveTail(machine, whole);
        }
    }

    private void answerRead(SubscriptionMachine<String> machine, Random random) {
        if (reads.poll() instanceof SubscriptionEffect.ReadAt<String> read) {
            long from = read.position().offset();
            long most = Math.min(read.grant().records(), read.grant().bytes());
            long batches = 1 + random.nextLong(Math.max(1, most / batchRecords));
            long to = Math.min(logEnd, beginOfBatch(from) + batches * batchRecords);
            largestRead = Math.max(largestRead, to - from);
            feed(
                    machine,
                    new SubscriptionEvent.ReadDone<>(
                            0,
                            random.nextInt(10) == 0
                                    ? new ReadOutcome.Skipped<>()
                                    : to == from
                                            ? new ReadOutcome.AtEnd<>()
                                            : new ReadOutcome.Found<>(chunk(from, to), logEnd)));
        }
    }

    private void moveTail(SubscriptionMachine<String> machine, Random random) {
        if (tail >= 0 && tail < logEnd) {
            long from = tail;
            tail = beginOfBatch(from + batchRecords + random.nextLong(logEnd - from));
            feed(machine, new SubscriptionEvent.TailArrived<>(0, chunk(from, tail)));
        }
    }

    private void feed(SubscriptionMachine<String> machine, SubscriptionEvent<String> event) {
        for (SubscriptionEffect<String> effect : machine.step(event, 0)) {
            switch (effect) {
                case SubscriptionEffect.ReadAt<String> it -> reads.add(it);
                case SubscriptionEffect.JoinTail<String> it ->
                    tail = it.position().offset();
                case SubscriptionEffect.LeaveTail<String> it -> tail = -1;
                case SubscriptionEffect.Deliver<String> it -> {
                    deliveredRecords += it.chunk().recordCount();
                    for (long offset = it.chunk().from().offset();
                            offset < it.chunk().next().offset();
                            offset++) {
                        delivered.add(offset);
                    }
                }
                case SubscriptionEffect.Locate<String> it -> {}
                case SubscriptionEffect.TellOpened<String> it -> {}
                case SubscriptionEffect.TellState<String> it -> {}
                default -> throw new AssertionError("unexpected: " + effect);
            }
        }
    }

    private long beginOfBatch(long offset) {
        return offset - offset % batchRecords;
    }

    /** Of whole batches: with what stands before {@code from} in the first one. */
    private Chunk<String> chunk(long from, long to) {
        int records = (int) (to - beginOfBatch(from));
        return new Chunk<>(new Position(from, 0), new Position(to, 0), records, records, "");
    }
}
