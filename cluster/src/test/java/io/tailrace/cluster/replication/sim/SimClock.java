// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication.sim;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;

/** Virtual time: one queue of what is to happen, in order of time and then of arrival. */
final class SimClock {

    private record Event(long atMs, long sequence, Runnable action) {}

    private final PriorityQueue<Event> queue =
            new PriorityQueue<>(Comparator.comparingLong(Event::atMs).thenComparingLong(Event::sequence));
    private long nowMs = 1_000_000;
    private long sequence;
    private long trace;
    private int events;

    long nowMs() {
        return nowMs;
    }

    void after(long delayMs, Runnable action) {
        queue.add(new Event(nowMs + delayMs, sequence++, action));
    }

    void runUntil(long endMs, Runnable afterEach) {
        while (!queue.isEmpty() && queue.peek().atMs <= endMs) {
            Event next = queue.remove();
            nowMs = next.atMs;
            events++;
            next.action.run();
            afterEach.run();
        }
        nowMs = endMs;
    }

    /** Mixes something that happened into the trace; runs of one seed have equal traces. */
    void note(long what) {
        trace = (trace ^ what ^ nowMs * 31) * 0x9E3779B97F4A7C15L + sequence;
    }

    long trace() {
        return trace;
    }

    int events() {
        return events;
    }

    /** An independent stream of a seed. */
    static Random stream(long seed, int salt) {
        Random mixed = new Random(seed * 0x9E3779B97F4A7C15L + salt);
        return new Random(mixed.nextLong() ^ salt * 0xBF58476D1CE4E5B9L);
    }
}
