// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.netty.buffer.ByteBuf;
import io.tailrace.broker.api.ApiRegistry;
import io.tailrace.broker.api.ApiVersionsApi;
import io.tailrace.broker.api.KafkaApi;
import io.tailrace.protocol.FrameLimits;
import io.tailrace.protocol.GuardedReader;
import io.tailrace.protocol.MalformedFrameException;
import io.tailrace.protocol.RequestBody;
import io.tailrace.protocol.RequestHead;
import io.vertx.core.Context;
import io.vertx.core.Future;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.requests.AbstractRequest;

/** From a frame to a handler's future. One event loop. */
final class RequestDispatcher {

    private final ApiRegistry apis;
    private final String listener;
    private final RequestRules rules;
    private final Context context;

    RequestDispatcher(ConnectionServices services, Context context) {
        this.apis = services.apis();
        this.listener = services.config().name();
        this.rules = services.config().requests();
        this.context = context;
    }

    /** What a frame on this connection may cost now. */
    FrameLimits limits(ConnectionState connection) {
        return connection.authenticated() ? rules.afterAuthentication() : rules.beforeAuthentication();
    }

    /**
     * Reads a request; keeps its own reference to {@code frame} if it needs one. It is answered already if its version is unknown and
     * of ApiVersions.
     *
     * @throws MalformedFrameException it cannot be read, or is of an API or version that we do not serve: as with Kafka, that costs the
     *     connection, for the client ignored what ApiVersions told it and there is no response whose form it would know
     */
    InFlightRequest read(ByteBuf frame, ConnectionState connection) {
        int frameBytes = frame.readableBytes();
        GuardedReader reader =
                new GuardedReader(frame.nioBuffer(), limits(connection).readCount());
        RequestHead head = RequestHead.read(reader);
        if (!connection.permits(head.api())) {
            throw new MalformedFrameException(head.api() + " before authentication");
        }
        InFlightRequest request = new InFlightRequest(
                head,
                connection.contextOf(head, listener, System.currentTimeMillis(), context),
                frameBytes,
                System.nanoTime());
        if (apis.serves(head.api().id, head.version())) {
            AbstractRequest parsed = RequestBody.read(head, reader);
            request.hold(parsed, reader.readsDone(), reader.handedOutSlices() ? frame.retain() : null);
            if (parsed.data() instanceof ApiVersionsRequestData versions) {
                connection.remember(versions);
            }
        } else if (head.api() == ApiKeys.API_VERSIONS) {
            request.answerAsVersion0(ApiVersionsApi.unsupportedVersion(apis));
        } else {
            throw new MalformedFrameException(head.api() + " v" + head.version() + " is not served");
        }
        return request;
    }

    /** Calls the handler; a handler that throws has failed like any other. */
    Future<? extends ApiMessage> handle(InFlightRequest request, AbstractRequest parsed, ConnectionState connection) {
        try {
            if (ConnectionState.isSasl(request.head().api())) {
                return connection.authenticator().handle(request.context(), parsed.data());
            }
            return call(request, parsed.data());
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }

    @SuppressWarnings("unchecked") // the registry holds each handler under the key of its request class
    private Future<? extends ApiMessage> call(InFlightRequest request, ApiMessage message) {
        KafkaApi<ApiMessage> api =
                (KafkaApi<ApiMessage>) apis.find(request.head().api().id);
        if (api == null) {
            throw new IllegalStateException("no handler for " + request.head().api());
        }
        return api.handle(request.context(), message);
    }
}
