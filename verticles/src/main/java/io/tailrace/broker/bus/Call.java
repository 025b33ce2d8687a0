// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.bus;

import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One local request on its way: what was asked, and where the answer goes. It travels as one instance; the receiver answers through {@link
 * Replies}.
 *
 * @param <Q> the sealed family asked
 */
public final class Call<Q> {

    private final Q request;
    private final ContextInternal asker;
    private final AtomicInteger inFlight;
    private final Promise<Object> answer = Promise.promise();

    /** Set by the receiver, read on the asker's context after the hand-over. */
    private @Nullable Object reply;

    private @Nullable Throwable failure;

    Call(Q request, ContextInternal asker, AtomicInteger inFlight) {
        this.request = request;
        this.asker = asker;
        this.inFlight = inFlight;
    }

    public Q request() {
        return request;
    }

    ContextInternal asker() {
        return asker;
    }

    Promise<Object> answer() {
        return answer;
    }

    void decide(Object outcome) {
        reply = outcome;
    }

    void decideFailure(Throwable cause) {
        failure = cause;
    }

    /** On the asker's context. */
    void deliver() {
        inFlight.decrementAndGet();
        if (failure == null) {
            answer.complete(reply);
        } else {
            answer.fail(failure);
        }
    }

    void fail(Throwable cause) {
        inFlight.decrementAndGet();
        answer.fail(cause);
    }
}
