// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.bus;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a verticle still waits for. A verticle with a thread of its own has to stay until nothing can come any more: Vert.x ends the thread
 * with it, and an answer that comes later is an uncaught exception in whatever thread brings it.
 *
 * <p>Owned by the verticle's context.
 */
public final class PendingAnswers {

    private final Set<Future<?>> pending = new HashSet<>();

    /**
     * Counts an answer as pending until it is there.
     *
     * @param answer completes on this context
     * @return the answer
     */
    public <T> Future<T> await(Future<T> answer) {
        if (!answer.isComplete()) {
            pending.add(answer);
            answer.onComplete(done -> pending.remove(answer));
        }
        return answer;
    }

    /**
     * For {@code stop()}, when nothing new can begin except by an answer or by a task that the context has already.
     *
     * @return done when all answers are there and the context has done what it had; never fails
     */
    public Future<Void> settled(Context context) {
        Promise<Void> settled = Promise.promise();
        context.runOnContext(behindTheRest -> {
            if (pending.isEmpty()) {
                settled.complete();
            } else {
                Future.join(List.copyOf(pending))
                        .onComplete(answered -> settled(context).onComplete(settled));
            }
        });
        return settled.future();
    }
}
