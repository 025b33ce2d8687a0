// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.vertx.core.Future;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * One Kafka API: what the broker does with one kind of request.
 *
 * <p><b>Threading.</b> Called on the event loop of the connection; must return at once. The future may complete on any thread.
 *
 * <p><b>Buffers.</b> The request, and every byte slice inside it, is valid until the returned future completes; whoever needs bytes for
 * longer copies them. Slices are read-only for everyone but the partition log, which writes offsets into batch headers.
 *
 * <p><b>Errors.</b> An expected outcome (unknown topic, stale epoch, not authorised) is an error code in the response, never a failed future.
 * A failed future is a bug or a lost environment: the listener answers with the API's own error response and logs it once.
 *
 * @param <Q> the generated request class of kafka-clients
 */
public interface KafkaApi<Q extends ApiMessage> {

    /** Which API this is. Registering the handler is what makes the broker advertise the API. */
    ApiKeys key();

    /** Lowest version advertised; a lower one is refused with UNSUPPORTED_VERSION. */
    default short lowestVersion() {
        return key().oldestVersion();
    }

    /** Highest version advertised; unstable versions are never included unless a handler says so. */
    default short highestVersion() {
        return key().latestVersion(false);
    }

    /**
     * About how much heap the answer takes, in bytes; an upper bound is wanted, at little cost. Asked on the event loop before {@link #handle},
     * which is called when there is room for it. The default is right where an answer has a part for each part of its request and
     * nothing else: that is paid for with the request. Whoever answers with more than it was asked with tells so here.
     */
    default long answerBytes(RequestContext context, Q request) {
        return 0;
    }

    /**
     * Answers one request.
     *
     * @return the response; {@link Responses#none()} where the protocol wants silence (Produce with acks=0)
     */
    Future<? extends ApiMessage> handle(RequestContext context, Q request);
}
