// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.netty.buffer.ByteBuf;
import io.tailrace.broker.api.RequestContext;
import io.tailrace.protocol.RequestHead;
import org.apache.kafka.common.requests.AbstractRequest;
import org.jspecify.annotations.Nullable;

/**
 * A request between its arrival and its response. One event loop.
 *
 * <p>Holds the frame's memory only if the parsed request has slices of it: a fetch that waits half a minute must not keep a read buffer.
 */
final class InFlightRequest {

    private final RequestHead head;
    private final RequestContext context;
    private final int frameBytes;
    private final long startedNanos;
    private long heapBytes;
    private long refusedBytes;
    private short bodyVersion;
    private @Nullable ByteBuf frame;
    private @Nullable AbstractRequest request;
    private @Nullable EncodedResponse encoded;
    private boolean answered;

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
    void hold(AbstractRequest parsed, long heapTaken, @Nullable ByteBuf memory) {
        request = parsed;
        heapBytes = heapTaken;
        frame = memory;
    }

    /** What was taken of the heap budget for the request and its answer. */
    long heapBytes() {
        return heapBytes;
    }

    /** The answer would take so much that it will not be made. */
    void refuse(long answerBytes) {
        refusedBytes = answerBytes;
    }

    /** What the answer would have taken; 0 if it is to be made. */
    long refusedBytes() {
        return refusedBytes;
    }

    @Nullable
    AbstractRequest request() {
        return request;
    }

    /** The handler is done; the request's memory goes. */
    void end() {
        request = null;
        if (frame != null) {
            frame.release();
            frame = null;
        }
    }

    /**
     * There is a response, in the bytes that will be sent, so that one which waits for earlier ones does not wait as objects.
     *
     * @param response null for silence
     */
    void answer(@Nullable EncodedResponse response) {
        end();
        encoded = response;
        answered = true;
    }

    /** Answers in the form of version 0, which every client reads: the request's version is not known here. */
    void answerAsVersion0() {
        bodyVersion = 0;
    }

    /** In which version the response is written. */
    short bodyVersion() {
        return bodyVersion;
    }

    boolean isAnswered() {
        return answered;
    }

    /** Gives the response out; null for silence, or if it has been given out. */
    @Nullable
    EncodedResponse takeResponse() {
        EncodedResponse response = encoded;
        encoded = null;
        return response;
    }
}
