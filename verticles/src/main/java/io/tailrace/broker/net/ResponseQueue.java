// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import java.util.ArrayDeque;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Puts responses back into the order of their requests: Kafka promises a connection answers in order, and handlers finish in any.
 *
 * <p>Pure; one event loop.
 *
 * @param <R> a request in hand
 */
final class ResponseQueue<R> {

    private final ArrayDeque<R> inFlight = new ArrayDeque<>();
    private final Predicate<R> finished;

    /** @param finished whether the response of a request is there */
    ResponseQueue(Predicate<R> finished) {
        this.finished = finished;
    }

    /** A request was started; the order of these calls is the order of the responses. */
    void add(R request) {
        inFlight.add(request);
    }

    /** Gives out, in order, all finished requests that wait for no earlier one. */
    void drainTo(Consumer<R> out) {
        for (R head = inFlight.peek(); head != null && finished.test(head); head = inFlight.peek()) {
            inFlight.remove();
            out.accept(head);
        }
    }

    /** Gives out all requests, finished or not: nobody will be answered any more. */
    void abandon(Consumer<R> out) {
        for (R head = inFlight.poll(); head != null; head = inFlight.poll()) {
            out.accept(head);
        }
    }

    /** Looks at all requests in hand, in order. */
    void forEach(Consumer<R> look) {
        inFlight.forEach(look);
    }

    int size() {
        return inFlight.size();
    }
}
