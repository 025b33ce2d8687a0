// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.vertx.core.Future;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.protocol.ApiMessage;

/** Responses that are no message. */
public final class Responses {

    private static final ApiMessage NONE = new ApiVersionsResponseData();

    private Responses() {}

    /** The answer to a request that gets none: the listener writes nothing and goes on with the next request of the connection. */
    public static ApiMessage none() {
        return NONE;
    }

    /** As {@link #none()}, when already known. */
    public static Future<ApiMessage> silence() {
        return Future.succeededFuture(NONE);
    }

    /** Whether this is {@link #none()}; compared by identity. */
    @SuppressWarnings("ReferenceEquality")
    public static boolean isNone(ApiMessage response) {
        return response == NONE;
    }
}
