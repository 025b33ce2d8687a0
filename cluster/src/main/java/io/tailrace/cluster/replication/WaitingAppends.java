// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;

/**
 * Appends that wait for an offset to be passed, in order of the offset. Offsets are passed in order, so the queue is served from the front.
 *
 * @param <T> the host's handle for an append
 */
final class WaitingAppends<T> {

    private record Waiting<T>(T ticket, long endOffset) {}

    private final ArrayDeque<Waiting<T>> queue = new ArrayDeque<>();

    void add(T ticket, long endOffset) {
        Waiting<T> waiting = new Waiting<>(ticket, endOffset);
        if (queue.isEmpty() || queue.getLast().endOffset <= endOffset) {
            queue.addLast(waiting);
        } else {
            insertInOrder(waiting); // a duplicate of something that waits already
        }
    }

    /** Takes out those that end at or below {@code endOffset}, in order. */
    void passed(long endOffset, Consumer<T> action) {
        while (!queue.isEmpty() && queue.getFirst().endOffset <= endOffset) {
            action.accept(queue.removeFirst().ticket);
        }
    }

    /** Takes out those that end above {@code logEndOffset}, the last one first. */
    void lost(long logEndOffset, Consumer<T> action) {
        while (!queue.isEmpty() && queue.getLast().endOffset > logEndOffset) {
            action.accept(queue.removeLast().ticket);
        }
    }

    /** Takes out all, in order. */
    void all(Consumer<T> action) {
        passed(Long.MAX_VALUE, action);
    }

    /** Takes out one; whether it was there. */
    boolean remove(T ticket) {
        return queue.removeIf(waiting -> waiting.ticket.equals(ticket));
    }

    private void insertInOrder(Waiting<T> late) {
        List<Waiting<T>> behind = new ArrayList<>();
        for (Iterator<Waiting<T>> all = queue.descendingIterator(); all.hasNext(); ) {
            Waiting<T> waiting = all.next();
            if (waiting.endOffset <= late.endOffset) {
                break;
            }
            behind.add(waiting);
        }
        behind.forEach(waiting -> queue.removeLast());
        queue.addLast(late);
        for (int i = behind.size() - 1; i >= 0; i--) {
            queue.addLast(behind.get(i));
        }
    }
}
