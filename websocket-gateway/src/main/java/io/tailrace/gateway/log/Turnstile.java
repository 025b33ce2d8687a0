// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.log;

import java.util.ArrayDeque;
import java.util.Deque;

/** Lets so many be inside at a time; the others wait in line. What bounds the memory of all reads of an event loop together. */
final class Turnstile {

    private final Deque<Runnable> line = new ArrayDeque<>();
    private int free;

    Turnstile(int places) {
        this.free = places;
    }

    /** Runs {@code entered} when there is a place, at once if there is one now; it must lead to one {@link #leave}. */
    void enter(Runnable entered) {
        if (free > 0) {
            free--;
            entered.run();
        } else {
            line.add(entered);
        }
    }

    void leave() {
        Runnable first = line.poll();
        if (first == null) {
            free++;
        } else {
            first.run();
        }
    }
}
