// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.coordinator;

import java.util.ArrayDeque;

/**
 * How to take back what was applied before it was durable.
 *
 * <p>A record is applied to the state as soon as it is decided, so that the next request sees it; the log may still refuse it. Each change
 * of a {@link JournaledMap} or {@link JournaledCell} therefore leaves its inverse here. Marks are positions in the journal: durable changes
 * are forgotten from the front, refused ones undone from the back. Only changes in flight are held, so the journal is as small as the
 * write queue. Nothing is noted while the log is replayed.
 */
public final class Journal {

    /** Puts one value back. */
    interface Undo {
        void undo();
    }

    private final ArrayDeque<Undo> entries = new ArrayDeque<>();
    private long forgotten;
    private boolean recording;

    /** Notes changes from now on; before this call none is noted. */
    void startRecording() {
        recording = true;
    }

    void note(Undo undo) {
        if (recording) {
            entries.addLast(undo);
        }
    }

    /** Whether changes are noted; containers need not make an inverse when they are not. */
    boolean recording() {
        return recording;
    }

    /** The position after the last change. */
    long mark() {
        return forgotten + entries.size();
    }

    /** Everything before {@code mark} is durable. */
    void forgetBefore(long mark) {
        while (forgotten < mark) {
            entries.removeFirst();
            forgotten++;
        }
    }

    /** Takes back everything from {@code mark} on, newest first. */
    void rollBackTo(long mark) {
        while (mark() > mark) {
            entries.removeLast().undo();
        }
    }
}
