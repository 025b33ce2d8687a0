// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The long-lived connections of one event loop. One timer looks after all of them, a fraction at each tick. */
final class Pulse {

    /** Ticks in one round. */
    static final int TICKS = 5;

    private final List<Set<Pulsed>> rounds = new ArrayList<>(TICKS);
    private final int most;
    private int tick;
    private int next;
    private int size;

    Pulse(int most) {
        this.most = most;
        for (int i = 0; i < TICKS; i++) {
            rounds.add(new HashSet<>());
        }
    }

    boolean isFull() {
        return size >= most;
    }

    void add(Pulsed connection) {
        next = (next + 1) % TICKS;
        size += rounds.get(next).add(connection) ? 1 : 0;
    }

    void remove(Pulsed connection) {
        for (Set<Pulsed> round : rounds) {
            size -= round.remove(connection) ? 1 : 0;
        }
    }

    void tick(long nowMs) {
        tick = (tick + 1) % TICKS;
        List.copyOf(rounds.get(tick)).forEach(connection -> connection.pulse(nowMs));
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
