// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a client has published, remembered beyond its connections: one that comes back sends again what it has had no answer to, and each
 * record is written once.
 *
 * <p>A client can have no more without an answer than the publish window lets it, so as many answers are kept, and no more. Answers go to the
 * connection that came last. Safe from any thread: connections of one client may be on different event loops.
 */
public final class PublishSession {

    private final int mostAnswers;
    private final Set<Long> underWay = new HashSet<>();
    private final Map<Long, ServerFrame> answers = new HashMap<>();
    private final Deque<Long> inOrder = new ArrayDeque<>();
    private @Nullable Consumer<ServerFrame> listener;

    /** @param mostAnswers at least what a client may have without an answer */
    public PublishSession(int mostAnswers) {
        this.mostAnswers = mostAnswers;
    }

    /** What to do with a record that a client sends. */
    public sealed interface Seen {

        /** It is new: write it, and then {@link #answer} or {@link #forget}. */
        record Never() implements Seen {}

        /** It is being written; the answer will come. */
        record UnderWay() implements Seen {}

        record Answered(ServerFrame frame) implements Seen {}
    }

    public synchronized void listen(Consumer<ServerFrame> newest) {
        listener = newest;
    }

    /** The connection is gone, unless another has come. */
    public synchronized void leave(Consumer<ServerFrame> gone) {
        if (listener == gone) {
            listener = null;
        }
    }

    public synchronized boolean isIdle() {
        return listener == null && underWay.isEmpty();
    }

    public synchronized Seen enter(long seq) {
        ServerFrame answer = answers.get(seq);
        if (answer != null) {
            return new Seen.Answered(answer);
        }
        return underWay.add(seq) ? new Seen.Never() : new Seen.UnderWay();
    }

    /** It was not tried: the client may send it again. */
    public synchronized void forget(long seq) {
        underWay.remove(seq);
    }

    public void answer(long seq, ServerFrame frame) {
        Consumer<ServerFrame> told;
        synchronized (this) {
            underWay.remove(seq);
            answers.put(seq, frame);
            inOrder.add(seq);
            while (inOrder.size() > mostAnswers) {
                answers.remove(inOrder.remove());
            }
            told = listener;
        }
        if (told != null) {
            told.accept(frame);
        }
    }
}
