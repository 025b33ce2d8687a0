// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.PriorityQueue;

/** Files and directories that nobody needs any more, and when they may go ({@code file.delete.delay.ms}). Forgotten by a stop: a start finds them. */
final class Removals {

    /** @param order in which they came, so that a directory goes after its files */
    private record Removal(Path path, long dueMs, long order) {}

    private final PriorityQueue<Removal> waiting =
            new PriorityQueue<>(Comparator.comparingLong(Removal::dueMs).thenComparingLong(Removal::order));
    private long added;

    void add(Path path, long dueMs) {
        waiting.add(new Removal(path, dueMs, added++));
    }

    /** The first to go. */
    Path take() {
        return waiting.remove().path();
    }

    boolean hasDue(long nowMs) {
        Removal first = waiting.peek();
        return first != null && first.dueMs() <= nowMs;
    }
}
