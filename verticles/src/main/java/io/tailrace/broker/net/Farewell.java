// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.vertx.core.Future;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.requests.AbstractRequest;

/**
 * How a connection is ended politely when the node stops. One event loop.
 *
 * <p>Producers are sent away with REQUEST_TIMED_OUT, which makes them wait a little and try again elsewhere; all else is answered as ever. A
 * connection may be closed in a moment without requests. Only one that is used to produce may have more on its way, and is listened to for
 * {@value #SILENCE_MS} ms first: less than producers wait before they try again.
 */
final class Farewell {

    private static final TimeoutException STOPS = new TimeoutException("the broker stops; try again");

    static final long SILENCE_MS = 50;

    private boolean producing;
    private int requestCount;

    /** Notes a request; true if it is to be answered with {@link #refusal()}. */
    boolean onRequest(AbstractRequest request, boolean draining) {
        boolean produces = request.data() instanceof ProduceRequestData;
        producing = produces;
        requestCount++;
        return produces && draining;
    }

    /** How many requests there were so far. */
    int requestCount() {
        return requestCount;
    }

    /** Nothing came for a while. */
    void onSilence() {
        producing = false;
    }

    boolean mayHangUp() {
        return !producing;
    }

    static Future<? extends ApiMessage> refusal() {
        return Future.failedFuture(STOPS);
    }

    /** Whether this is {@link #refusal()}, which is nobody's fault. */
    @SuppressWarnings("ReferenceEquality")
    static boolean isRefusal(Throwable failure) {
        return failure == STOPS;
    }
}
