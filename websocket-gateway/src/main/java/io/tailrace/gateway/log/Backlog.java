// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.log;

import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.gateway.session.Position;
import io.tailrace.gateway.session.ReadOutcome;
import io.tailrace.gateway.wire.BacklogDecoder.Reader;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Those of one event loop that are behind, waiting in line to be read for. So many reads go on at a time, which bounds the memory of all of them.
 * Who waits for the same part of a partition as the first in its line goes along, and costs neither a read nor an unpacking: the more there are
 * that are behind, the more of them one read serves. Once together they stay together, as they ask for the same place next.
 */
final class Backlog {

    /** Each holds at most a batch, and what is encoded of it. */
    static final int PARALLEL = 32;

    /** Few, so that there is somebody in line to go along. */
    static final int PARALLEL_OF_ONE_PARTITION = 4;

    /** How far ahead of the first in line somebody may stand to go along, in offsets: about as far as one read comes. */
    static final long REACH = 20_000;

    /** Answers with records given before other things on this event loop have their turn: each is a write. */
    private static final int AT_ONCE = 128;

    /** How many answers without records are as much work. They are given soon, or the end of the log is elsewhere when the last one has them. */
    private static final int EMPTY_ONES = 16;

    private final Reading reading;
    private final Executor later;
    private final Map<PartitionKey, Line> lines = new HashMap<>();
    private final Deque<Line> ready = new ArrayDeque<>();
    private int running;
    private boolean awake;

    /** @param later runs a task on this event loop when others have had their turn */
    Backlog(Reading reading, Executor later) {
        this.reading = reading;
        this.later = later;
    }

    /** Reads for some at once. */
    interface Reading {

        /** Never fails. Those without an outcome did not get their turn; the first always has one, or goes on being the first. */
        Future<Map<Reader, ReadOutcome<Buffer>>> read(PartitionKey partition, Group group);
    }

    /**
     * Who is read for together.
     *
     * @param first where the log is to be read
     * @param readers the first among them; none before it, and those at its place believe in its epoch or in none. All want batches as they are
     *     stored, or none does
     * @param latestPerKey whether earlier records of a key are left out; the first is alone then
     */
    record Group(Reader first, Set<Reader> readers, boolean latestPerKey) {}

    private record Wish(
            Reader reader, boolean latestPerKey, BooleanSupplier wanted, Promise<ReadOutcome<Buffer>> outcome) {}

    /** Who waits for one partition, first come first served. */
    private static final class Line {
        private final PartitionKey partition;
        private Deque<Wish> waiting = new ArrayDeque<>();
        private int running;
        private boolean ready;

        Line(PartitionKey partition) {
            this.partition = partition;
        }
    }

    /**
     * @param wanted asked when the turn has come; false gives {@link ReadOutcome.Skipped}
     * @return never fails
     */
    Future<ReadOutcome<Buffer>> read(
            PartitionKey partition, Reader reader, boolean latestPerKey, BooleanSupplier wanted) {
        Promise<ReadOutcome<Buffer>> outcome = Promise.promise();
        Line line = lines.computeIfAbsent(partition, Line::new);
        line.waiting.add(new Wish(reader, latestPerKey, wanted, outcome));
        standBy(line);
        return outcome.future();
    }

    private void standBy(Line line) {
        if (line.waiting.isEmpty()) {
            if (line.running == 0) {
                lines.remove(line.partition);
            }
        } else if (!line.ready && line.running < PARALLEL_OF_ONE_PARTITION) {
            line.ready = true;
            ready.add(line);
            awaken();
        }
    }

    /** Not at once: others may come in this turn who can go along. */
    private void awaken() {
        if (!awake && running < PARALLEL) {
            awake = true;
            later.execute(this::start);
        }
    }

    private void start() {
        awake = false;
        for (Line line = next(); line != null; line = next()) {
            line.ready = false;
            start(line);
            standBy(line);
        }
    }

    private @Nullable Line next() {
        return running < PARALLEL ? ready.poll() : null;
    }

    private void start(Line line) {
        List<Wish> along = take(line);
        if (along.isEmpty()) {
            return;
        }
        Wish first = along.get(0);
        Set<Reader> readers = new LinkedHashSet<>();
        along.forEach(wish -> readers.add(wish.reader));
        line.running++;
        running++;
        reading.read(line.partition, new Group(first.reader, readers, first.latestPerKey))
                .onSuccess(outcomes -> {
                    for (int i = along.size() - 1; i >= 0; i--) {
                        if (!outcomes.containsKey(along.get(i).reader)) {
                            line.waiting.addFirst(along.get(i));
                        }
                    }
                    handOut(along.iterator(), outcomes, line);
                });
    }

    /** Takes the first out of the line, and all who can go along; who does not want to be read for any more is told so. */
    private static List<Wish> take(Line line) {
        List<Wish> along = new ArrayList<>();
        List<Wish> unwanted = new ArrayList<>(0);
        Deque<Wish> left = new ArrayDeque<>();
        for (Wish wish : line.waiting) {
            if (!along.isEmpty() && !fits(along.get(0), wish)) {
                left.add(wish);
            } else {
                (wish.wanted.getAsBoolean() ? along : unwanted).add(wish);
            }
        }
        line.waiting = left;
        unwanted.forEach(wish -> wish.outcome.complete(new ReadOutcome.Skipped<>()));
        return along;
    }

    private static boolean fits(Wish first, Wish other) {
        Position at = first.reader.from();
        Position from = other.reader.from();
        return !other.latestPerKey
                && !first.latestPerKey
                && other.reader.view().showsBatches() == first.reader.view().showsBatches()
                && from.offset() >= at.offset()
                && from.offset() < at.offset() + REACH
                && (from.leaderEpoch() == at.leaderEpoch()
                        || from.leaderEpoch() == Position.NO_EPOCH
                        || from.offset() > at.offset());
    }

    private static boolean hasRecords(@Nullable ReadOutcome<Buffer> outcome) {
        return outcome instanceof ReadOutcome.Found<Buffer> found
                && !found.chunk().isEmpty();
    }

    /** Some at a time: what they do with it is writing to sockets. */
    private void handOut(Iterator<Wish> along, Map<Reader, ReadOutcome<Buffer>> outcomes, Line line) {
        for (int room = AT_ONCE * EMPTY_ONES; room > 0 && along.hasNext(); ) {
            Wish wish = along.next();
            ReadOutcome<Buffer> outcome = outcomes.get(wish.reader);
            room -= hasRecords(outcome) ? EMPTY_ONES : 1;
            if (outcome != null) {
                wish.outcome.complete(outcome);
            }
        }
        if (along.hasNext()) {
            later.execute(() -> handOut(along, outcomes, line));
        } else {
            line.running--;
            running--;
            standBy(line);
            if (!ready.isEmpty()) {
                awaken();
            }
        }
    }
}
