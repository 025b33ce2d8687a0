// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DuplexChannel;

/**
 * Writes encoded responses to a socket and knows how much it has not taken. One event loop.
 *
 * <p>What it takes of memory is told to the node's {@link ResponseMemory} with each flush and each {@link #settle()}.
 *
 * <p>Netty counts what lies in memory, but a region of a file counts nothing there; so responses with records are counted here.
 */
final class ResponseOutlet {

    private final ChannelHandlerContext channel;
    private final int queuedBytes;
    private final ResponseMemory memory;
    private final boolean isBare;
    private final Runnable onDrained;
    private long recordResponseBytes;
    private long heldBytes;
    private long toldBytes;
    private boolean unflushed;
    private boolean flushScheduled;

    /**
     * @param queuedBytes bound beyond which {@link #hasRoom()} is false
     * @param isBare whether what is written is all that goes to the socket: no TLS and no WebSocket, which end with words of their own
     * @param onDrained run when records have been written
     */
    ResponseOutlet(
            ChannelHandlerContext channel, int queuedBytes, ResponseMemory memory, boolean isBare, Runnable onDrained) {
        this.channel = channel;
        this.memory = memory;
        this.isBare = isBare;
        this.queuedBytes = queuedBytes;
        this.onDrained = onDrained;
        channel.channel().config().setWriteBufferWaterMark(new WriteBufferWaterMark(queuedBytes / 2, queuedBytes));
    }

    /** Whether the client reads fast enough for one more response, and the node has memory for it. */
    boolean hasRoom() {
        return channel.channel().isWritable()
                && recordResponseBytes + heldBytes <= queuedBytes
                && memory.hasRoom()
                && (toldBytes == 0 || memory.isAmple());
    }

    /** There is a response that waits for earlier ones; {@link #write} follows, or {@link #drop}. */
    void hold(EncodedResponse response) {
        heldBytes += response.memoryBytes();
    }

    /** A response that was held will not be written. */
    void drop(EncodedResponse response) {
        heldBytes -= response.memoryBytes();
        response.release();
        response.releaseRecords();
    }

    /** Hands a response to the socket's queue; {@link #flush()} or {@link #flushSoon()} must follow. */
    void write(EncodedResponse response) {
        unflushed = true;
        heldBytes -= response.memoryBytes();
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
            settle();
        }
    }

    /** Tells the node how much memory all this takes now. */
    void settle() {
        long now = heldBytes + pendingBytes();
        if (now != toldBytes) {
            memory.change(now - toldBytes);
            toldBytes = now;
        }
    }

    /** The channel is gone, and nothing is held any more. */
    void close() {
        memory.change(-toldBytes);
        toldBytes = 0;
    }

    /** Sends what there is, and that nothing more will come. */
    void end() {
        flush();
        if (isBare && channel.channel() instanceof DuplexChannel duplex) {
            ChannelFuture unused = duplex.shutdownOutput();
        } else {
            // Not the channel's own close, by which Vert.x would wait for the other end's goodbye.
            ChannelFuture unused = channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> {
                ChannelFuture unusedToo = channel.close();
            });
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
