// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.coordinator;

import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The timers of one partition, without a clock.
 *
 * <p>Session timers are moved back with every heartbeat and hardly ever fire. Moving one back only writes its new deadline; its place in the
 * heap is put right when the old place comes up. A heartbeat thus costs one hash look-up, and a wake-up may find nothing due.
 */
final class Timers {

    private record Place(long atMs, long sequence, TimerKey key) implements Comparable<Place> {
        @Override
        public int compareTo(Place other) {
            int byTime = Long.compare(atMs, other.atMs);
            return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
        }
    }

    private static final class Timer {
        long deadlineMs;
        Place place;

        Timer(long deadlineMs, Place place) {
            this.deadlineMs = deadlineMs;
            this.place = place;
        }
    }

    private final Map<TimerKey, Timer> timers = new HashMap<>();
    private final PriorityQueue<Place> heap = new PriorityQueue<>();
    private long sequence;

    void set(TimerKey key, long deadlineMs) {
        Timer timer = timers.get(key);
        if (timer == null) {
            timers.put(key, new Timer(deadlineMs, enqueue(key, deadlineMs)));
            return;
        }
        timer.deadlineMs = deadlineMs;
        if (deadlineMs < timer.place.atMs()) {
            timer.place = enqueue(key, deadlineMs);
        }
    }

    void cancel(TimerKey key) {
        timers.remove(key);
    }

    boolean isSet(TimerKey key) {
        return timers.containsKey(key);
    }

    int size() {
        return timers.size();
    }

    /** Takes the next timer that is due; null if none is. Equal deadlines fire in the order in which they were set. */
    @Nullable
    TimerKey pollDue(long nowMs) {
        while (true) {
            Place head = heap.peek();
            if (head == null || head.atMs() > nowMs) {
                return null;
            }
            heap.remove();
            Timer timer = timers.get(head.key());
            if (timer == null || timer.place.sequence() != head.sequence()) {
                continue;
            }
            if (timer.deadlineMs > nowMs) {
                timer.place = enqueue(head.key(), timer.deadlineMs);
                continue;
            }
            timers.remove(head.key());
            return head.key();
        }
    }

    /** When to ask {@link #pollDue} next, at the latest; {@link Long#MAX_VALUE} if never. */
    long nextWakeMs() {
        Place head = heap.peek();
        return head == null ? Long.MAX_VALUE : head.atMs();
    }

    private Place enqueue(TimerKey key, long deadlineMs) {
        Place place = new Place(deadlineMs, sequence++, key);
        heap.add(place);
        return place;
    }
}
