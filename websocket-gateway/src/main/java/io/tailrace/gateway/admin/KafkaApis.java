// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.admin;

import io.tailrace.gateway.access.Visitor;
import io.vertx.core.Future;
import org.apache.kafka.common.protocol.ApiMessage;

/** Kafka's own APIs, as the broker answers them to its clients; the broker brings it. */
@FunctionalInterface
public interface KafkaApis {

    /**
     * Asks on behalf of a visitor, with whose rights. Completes on the context that asked; fails if there is no answer.
     *
     * @param version of the API
     */
    Future<ApiMessage> ask(Visitor visitor, short version, ApiMessage request);

    /** As {@link #ask(Visitor, short, ApiMessage)}, with the response's class known. */
    default <R extends ApiMessage> Future<R> ask(Visitor visitor, int version, ApiMessage request, Class<R> response) {
        return ask(visitor, (short) version, request).map(response::cast);
    }
}
