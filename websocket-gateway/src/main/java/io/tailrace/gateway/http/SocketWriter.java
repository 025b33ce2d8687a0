// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.tailrace.gateway.session.ServerFrame;
import io.tailrace.gateway.wire.BinaryFrames;
import io.tailrace.gateway.wire.Encoding;
import io.tailrace.gateway.wire.ServerFrames;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.internal.http.WebSocketInternal;
import java.nio.charset.StandardCharsets;

/**
 * Writes the frames of one WebSocket (RFC 6455, section 5.2) past Vert.x, which would make a promise, a frame object and a flush of each. What
 * is written in one turn of the event loop leaves in one piece. All frames but the closing one go this way, so they keep their order.
 *
 * <p>A server does not mask, so records are copied as they are, from the bytes that all share. Belongs to the event loop of the socket.
 */
final class SocketWriter extends ChannelInboundHandlerAdapter implements Runnable {

    private static final int FINAL = 0x80;
    private static final int TEXT = FINAL | 1;
    private static final int BINARY = FINAL | 2;
    private static final int PING = FINAL | 9;
    private static final int SHORT_LENGTH = 125;
    private static final int TWO_BYTES = 126;
    private static final int EIGHT_BYTES = 127;
    private static final int LONGEST_HEADER = 10;

    private static final WriteBufferWaterMark QUEUE = new WriteBufferWaterMark(64 * 1024, 256 * 1024);

    private final ServerWebSocket socket;
    private final boolean binary;
    private final ChannelHandlerContext channel;
    private final Runnable onDrained;
    private boolean unflushed;

    private SocketWriter(ServerWebSocket socket, boolean binary, Runnable onDrained) {
        this.socket = socket;
        this.binary = binary;
        this.channel = ((WebSocketInternal) socket).channelHandlerContext();
        this.onDrained = onDrained;
    }

    /**
     * @param binary whether records, and what else has such a form, go in binary messages
     * @param onDrained told when the socket takes bytes again after it did not
     */
    static SocketWriter of(ServerWebSocket socket, boolean binary, Runnable onDrained) {
        SocketWriter writer = new SocketWriter(socket, binary, onDrained);
        writer.channel.channel().config().setWriteBufferWaterMark(QUEUE);
        writer.channel.pipeline().addBefore(writer.channel.name(), "writer", writer);
        return writer;
    }

    /** Whether more would pile up here; {@code onDrained} follows when it would not any longer. */
    boolean isFull() {
        return !channel.channel().isWritable();
    }

    void send(ServerFrame frame) {
        byte[] bytes = binary ? BinaryFrames.bytes(frame) : null;
        if (bytes != null) {
            write(begin(BINARY, bytes.length).writeBytes(bytes));
            return;
        }
        byte[] text = ServerFrames.text(frame).getBytes(StandardCharsets.UTF_8);
        write(begin(TEXT, text.length).writeBytes(text));
    }

    /** What comes before the records of a subscription, in this writer's form. */
    byte[] dataHead(long id) {
        return binary
                ? BinaryFrames.dataHead(id)
                : ("{\"type\":\"data\",\"id\":" + id + ",").getBytes(StandardCharsets.US_ASCII);
    }

    /** How records are to be encoded that are sent here. */
    Encoding encoding() {
        return binary ? Encoding.BINARY_FRAME : Encoding.JSON_FRAME;
    }

    /** Records: one message in two parts, of which the second is shared with others. */
    void send(byte[] head, Buffer body) {
        ByteBuf bytes = ((BufferInternal) body).getByteBuf();
        int length = bytes.readableBytes();
        write(begin(binary ? BINARY : TEXT, head.length + length)
                .writeBytes(head)
                .writeBytes(bytes, bytes.readerIndex(), length));
    }

    void ping() {
        write(begin(PING, 0));
    }

    private ByteBuf begin(int kind, int length) {
        ByteBuf out = channel.alloc().directBuffer(LONGEST_HEADER + length);
        out.writeByte(kind);
        if (length <= SHORT_LENGTH) {
            out.writeByte(length);
        } else if (length <= 0xFFFF) {
            out.writeByte(TWO_BYTES).writeShort(length);
        } else {
            out.writeByte(EIGHT_BYTES).writeLong(length);
        }
        return out;
    }

    /** A socket that fails closes, and its close handler cleans up. */
    private void write(ByteBuf frame) {
        if (socket.isClosed()) {
            frame.release();
            return;
        }
        ChannelFuture unused = channel.write(frame, channel.voidPromise());
        if (!unflushed) {
            unflushed = true;
            channel.executor().execute(this);
        }
    }

    /** Sends what was written in this turn. */
    @Override
    public void run() {
        if (unflushed) {
            unflushed = false;
            channel.flush();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (context.channel().isWritable()) {
            // Not within the flush that made room: what is written now would not be seen by it.
            context.executor().execute(onDrained);
        }
        context.fireChannelWritabilityChanged();
    }
}
