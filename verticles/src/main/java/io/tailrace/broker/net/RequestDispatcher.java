// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.netty.buffer.ByteBuf;
import io.tailrace.broker.api.ApiRegistry;
import io.tailrace.broker.api.ApiVersionsApi;
import io.tailrace.broker.api.KafkaApi;
import io.tailrace.protocol.FrameLimits;
import io.tailrace.protocol.GuardedReader;
import io.tailrace.protocol.MalformedFrameException;
import io.tailrace.protocol.NoRoomException;
import io.tailrace.protocol.RequestBody;
import io.tailrace.protocol.RequestHead;
import io.vertx.core.Context;
import io.vertx.core.Future;
import org.apache.kafka.common.errors.PolicyViolationException;
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
    private final HeapShare heap;
    private final int affordableReads;

    RequestDispatcher(ConnectionServices services, Context context, HeapShare heap) {
        this.apis = services.apis();
        this.listener = services.config().name();
        this.rules = services.config().requests();
        this.context = context;
        this.heap = heap;
        this.affordableReads =
                HeapShare.affordableReads(services.ports().memory().heap());
    }

    /** What a frame on this connection may cost now. */
    FrameLimits limits(ConnectionState connection) {
        return connection.authenticated() ? rules.afterAuthentication() : rules.beforeAuthentication();
    }

    /**
     * Reads a request, which takes what it and its answer will cost of the heap budget; keeps its own reference to {@code frame} if it needs
     * one. Without a parsed request it is to be answered with {@link #refusal()}: ApiVersions of an unknown version.
     *
     * @throws NoRoomException there is not enough heap at the moment; nothing was taken, and the frame may be read again
     * @throws MalformedFrameException it cannot be read, or is of an API or version that we do not serve: as with Kafka, that costs the
     *     connection, for the client ignored what ApiVersions told it and there is no response whose form it would know
     */
    InFlightRequest read(ByteBuf frame, ConnectionState connection) {
        heap.begin();
        try {
            return parse(frame, connection);
        } catch (MalformedFrameException | NoRoomException e) {
            heap.giveBack();
            throw e;
        }
    }

    private InFlightRequest parse(ByteBuf frame, ConnectionState connection) {
        int frameBytes = frame.readableBytes();
        int readCount = Math.min(limits(connection).readCount(), affordableReads);
        GuardedReader reader = new GuardedReader(frame.nioBuffer(), readCount, heap);
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
            long answerBytes = answerBytes(request, parsed.data());
            request.hold(
                    parsed,
                    heap.handOver(reader.readsDone(), answerBytes),
                    reader.handedOutSlices() ? frame.retain() : null);
            if (parsed.data() instanceof ApiVersionsRequestData versions) {
                connection.remember(versions);
            }
        } else if (head.api() == ApiKeys.API_VERSIONS) {
            heap.giveBack();
            request.answerAsVersion0();
        } else {
            throw new MalformedFrameException(head.api() + " v" + head.version() + " is not served");
        }
        return request;
    }

    /** What an answer takes beyond what is in proportion to its request: paid for, unless it is so much that it will be refused. */
    private long answerBytes(InFlightRequest request, ApiMessage message) {
        if (ConnectionState.isSasl(request.head().api())) {
            return 0;
        }
        long bytes = api(request).answerBytes(request.context(), message);
        if (!heap.canEverPay(bytes)) {
            request.refuse(bytes);
            return 0;
        }
        heap.payAnswer(bytes);
        return bytes;
    }

    /** The answer to a request of ApiVersions in a version that does not exist. */
    ApiMessage refusal() {
        return ApiVersionsApi.unsupportedVersion(apis);
    }

    /** Calls the handler; a handler that throws has failed like any other. */
    Future<? extends ApiMessage> handle(InFlightRequest request, AbstractRequest parsed, ConnectionState connection) {
        if (request.refusedBytes() > 0) {
            return Future.failedFuture(new PolicyViolationException("the answer would take about "
                    + (request.refusedBytes() >> 20)
                    + " MiB of heap, which this broker has not: ask for less at once, or give it more"));
        }
        try {
            if (ConnectionState.isSasl(request.head().api())) {
                return connection.authenticator().handle(request.context(), parsed.data());
            }
            return call(request, parsed.data());
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }

    private Future<? extends ApiMessage> call(InFlightRequest request, ApiMessage message) {
        return api(request).handle(request.context(), message);
    }

    @SuppressWarnings("unchecked") // the registry holds each handler under the key of its request class
    private KafkaApi<ApiMessage> api(InFlightRequest request) {
        KafkaApi<ApiMessage> api =
                (KafkaApi<ApiMessage>) apis.find(request.head().api().id);
        if (api == null) {
            throw new IllegalStateException("no handler for " + request.head().api());
        }
        return api;
    }
}
