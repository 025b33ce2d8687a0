// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The long-lived connections of one event loop. One timer looks after all of them, a few at each tick: a ping is a write, and its answer a read, at
 * both ends. Thousands of them at once would be heard as a pause in whatever else is sent.
 */
final class Pulse {

    /** Ticks in one round. */
    static final int TICKS = 250;

    private static final long NO_TIMER = -1;

    private final Vertx vertx;
    private final int most;
    private final long tickMs;

    /** By the tick at which they are looked after, which is one of their own: they need not be found. */
    private final List<Set<Pulsed>> rounds = new ArrayList<>(TICKS);

    private long timer = NO_TIMER;
    private int tick;
    private int size;

    /**
     * @param most connections
     * @param roundMs how often each connection is looked after
     */
    Pulse(Vertx vertx, int most, long roundMs) {
        this.vertx = vertx;
        this.most = most;
        this.tickMs = Math.max(1, roundMs / TICKS);
        for (int i = 0; i < TICKS; i++) {
            rounds.add(new HashSet<>());
        }
    }

    boolean isFull() {
        return size >= most;
    }

    private Set<Pulsed> round(Pulsed connection) {
        return rounds.get(Math.floorMod(System.identityHashCode(connection), TICKS));
    }

    void add(Pulsed connection) {
        size += round(connection).add(connection) ? 1 : 0;
        if (timer == NO_TIMER) {
            timer = vertx.setPeriodic(tickMs, due -> tick(System.currentTimeMillis()));
        }
    }

    void remove(Pulsed connection) {
        size -= round(connection).remove(connection) ? 1 : 0;
        if (size == 0 && timer != NO_TIMER) {
            vertx.cancelTimer(timer);
            timer = NO_TIMER;
        }
    }

    /** Looks after some; after as many ticks as there are in a round, after all. */
    void tick(long nowMs) {
        tick = (tick + 1) % TICKS;
        List.copyOf(rounds.get(tick)).forEach(connection -> connection.pulse(nowMs));
    }

    /** Whether it ticks, which costs something. */
    boolean isRunning() {
        return timer != NO_TIMER;
    }

    /** @param spreadMs all are told to come back, one after the other, within this time */
    void drain(long spreadMs) {
        List<Pulsed> all = rounds.stream().flatMap(Set::stream).toList();
        for (int i = 0; i < all.size(); i++) {
            all.get(i).drain((i + 1) * spreadMs / all.size());
        }
    }

    int size() {
        return size;
    }
}
