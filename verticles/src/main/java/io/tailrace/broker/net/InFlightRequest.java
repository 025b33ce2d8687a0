// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.netty.buffer.ByteBuf;
import io.tailrace.broker.api.RequestContext;
import io.tailrace.protocol.RequestHead;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.requests.AbstractRequest;
import org.jspecify.annotations.Nullable;

/**
 * A request between its arrival and its response. One event loop.
 *
 * <p>Holds the frame's memory only if the parsed request has slices of it: a fetch that waits half a minute must not keep a read buffer.
 */
final class InFlightRequest {

    /** An object with its references, spread over the few reads that it takes; measured between 20 and 60. */
    private static final int BYTES_PER_READ = 40;

    private final RequestHead head;
    private final RequestContext context;
    private final int frameBytes;
    private final long startedNanos;
    private int objectBytes;
    private short bodyVersion;
    private @Nullable ByteBuf frame;
    private @Nullable AbstractRequest request;
    private @Nullable ApiMessage response;

    InFlightRequest(RequestHead head, RequestContext context, int frameBytes, long startedNanos) {
        this.head = head;
        this.context = context;
        this.frameBytes = frameBytes;
        this.startedNanos = startedNanos;
        this.bodyVersion = head.version();
    }

    RequestHead head() {
        return head;
    }

    RequestContext context() {
        return context;
    }

    int frameBytes() {
        return frameBytes;
    }

    long startedNanos() {
        return startedNanos;
    }

    /** Keeps the parsed request, and the memory it points to, until there is a response. */
    void hold(AbstractRequest parsed, int readCount, @Nullable ByteBuf memory) {
        request = parsed;
        objectBytes = readCount * BYTES_PER_READ;
        frame = memory;
    }

    /** About how much heap the parsed request takes, beside its frame. */
    int objectBytes() {
        return objectBytes;
    }

    @Nullable
    AbstractRequest request() {
        return request;
    }

    /** The handler is done; the request's memory goes. */
    void answer(ApiMessage message) {
        response = message;
        request = null;
        if (frame != null) {
            frame.release();
            frame = null;
        }
    }

    /** Answers in the form of version 0, which every client reads: the request's version is not known here. */
    void answerAsVersion0(ApiMessage message) {
        bodyVersion = 0;
        answer(message);
    }

    /** In which version the response is written. */
    short bodyVersion() {
        return bodyVersion;
    }

    boolean isAnswered() {
        return response != null;
    }

    ApiMessage response() {
        if (response == null) {
            throw new IllegalStateException("not answered yet: " + head);
        }
        return response;
    }
}
