// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.vertx.core.eventbus.ReplyException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.UnknownServerException;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.jspecify.annotations.Nullable;

/** The one place where an exception becomes an error code: of a handler that failed instead of answering. */
final class Failures {

    private Failures() {}

    /** The API's own error response; null where the request wants no response at all, so that only closing the connection tells the client. */
    static @Nullable ApiMessage response(AbstractRequest request, Throwable failure) {
        AbstractResponse response = request.getErrorResponse(0, toKafka(failure));
        return response == null ? null : response.data();
    }

    /** What clients may know of {@code failure}: its kind, and nothing of how this broker is built. */
    static Throwable toKafka(Throwable failure) {
        if (failure instanceof ApiException) {
            return failure;
        }
        if (failure instanceof TimeoutException || failure instanceof ReplyException) {
            // The bus loses, delays and refuses; all of it may be tried again.
            return new org.apache.kafka.common.errors.TimeoutException("no answer in time");
        }
        return new UnknownServerException("the broker failed to answer; its log tells why");
    }

    /** Whether the log need not tell more than one line: it is the environment, not a bug. */
    static boolean isExpected(Throwable failure) {
        return !(toKafka(failure) instanceof UnknownServerException);
    }
}
