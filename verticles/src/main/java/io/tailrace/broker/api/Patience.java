// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import org.jspecify.annotations.Nullable;

/**
 * How the listener tells a handler that waits on purpose, as a long poll does, to answer now with what there is: the client is gone, the
 * node stops, or memory is short.
 *
 * <p>One for each request. Belongs to the event loop of its connection.
 */
public final class Patience {

    private @Nullable Runnable answerNow;
    private boolean ended;

    /** Runs {@code answer} once when waiting has become pointless; now, if it has already. */
    public void onEnd(Runnable answer) {
        if (ended) {
            answer.run();
        } else {
            answerNow = answer;
        }
    }

    /** There is no point in waiting any longer. */
    public void end() {
        ended = true;
        Runnable waiting = answerNow;
        answerNow = null;
        if (waiting != null) {
            waiting.run();
        }
    }
}
