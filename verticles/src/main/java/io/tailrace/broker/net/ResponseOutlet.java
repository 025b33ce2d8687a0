// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.WriteBufferWaterMark;

/**
 * Writes encoded responses to a socket and knows how much it has not taken. One event loop.
 *
 * <p>Netty counts what lies in memory, but a region of a file counts nothing there; so responses with records are counted here.
 */
final class ResponseOutlet {

    private final ChannelHandlerContext channel;
    private final int queuedBytes;
    private final Runnable onDrained;
    private long recordResponseBytes;
    private boolean unflushed;
    private boolean flushScheduled;

    /** @param queuedBytes bound beyond which {@link #hasRoom()} is false; {@code onDrained} is run when records have been written */
    ResponseOutlet(ChannelHandlerContext channel, int queuedBytes, Runnable onDrained) {
        this.channel = channel;
        this.queuedBytes = queuedBytes;
        this.onDrained = onDrained;
        channel.channel().config().setWriteBufferWaterMark(new WriteBufferWaterMark(queuedBytes / 2, queuedBytes));
    }

    /** Whether the client reads fast enough for one more response. */
    boolean hasRoom() {
        return channel.channel().isWritable() && recordResponseBytes <= queuedBytes;
    }

    /** Hands a response to the socket's queue; {@link #flush()} or {@link #flushSoon()} must follow. */
    void write(EncodedResponse response) {
        unflushed = true;
        int frameBytes = response.frameBytes();
        response.forEachPart(this::writePart);
        if (response.hasRecords()) {
            recordResponseBytes += frameBytes;
            // Writes complete in order, with success or without: when this one does, all parts before it have.
            ChannelFuture unused = channel.write(Unpooled.EMPTY_BUFFER).addListener(written -> {
                recordResponseBytes -= frameBytes;
                response.releaseRecords();
                onDrained.run();
            });
        }
    }

    /** What the client has not taken, as far as it lies in memory. */
    long pendingBytes() {
        ChannelOutboundBuffer queue = channel.channel().unsafe().outboundBuffer();
        return queue == null ? 0 : queue.totalPendingWriteBytes();
    }

    void flush() {
        if (unflushed) {
            unflushed = false;
            channel.flush();
        }
    }

    /** A failure comes back as an exception of the pipeline, which closes the connection. */
    private void writePart(Object part) {
        ChannelFuture unused = channel.write(part, channel.voidPromise());
    }

    /** Flushes after the tasks that wait on the event loop, so that responses that finish together leave together. */
    void flushSoon() {
        if (unflushed && !flushScheduled) {
            flushScheduled = true;
            channel.executor().execute(() -> {
                flushScheduled = false;
                flush();
            });
        }
    }
}
