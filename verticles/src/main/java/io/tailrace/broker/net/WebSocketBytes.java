// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.FileRegion;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;

/**
 * Lets a stream of bytes go through a WebSocket: what comes in binary messages is passed on, what is written becomes binary messages.
 *
 * <p>A server does not mask (RFC 6455, section 5.1), so what is written is not touched: a header goes before it, and a region of a file still
 * leaves by sendfile. One event loop.
 */
final class WebSocketBytes extends ChannelDuplexHandler {

    private static final int FINAL_BINARY = 0x82;
    private static final int FINAL_CLOSE = 0x88;
    private static final int FINAL_PONG = 0x8A;
    private static final int SHORT_LENGTH = 125;
    private static final int TWO_BYTES = 126;
    private static final int EIGHT_BYTES = 127;
    private static final int LONGEST_HEADER = 10;
    private static final int GOING_AWAY = 1001;

    private final WebSocketReader reader = new WebSocketReader();
    private int code = GOING_AWAY;
    private boolean ended;

    @Override
    public void channelRead(ChannelHandlerContext channel, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (ended) {
            bytes.release();
            return;
        }
        try {
            reader.read(bytes);
        } catch (WebSocketReader.Fault fault) {
            bytes.release();
            code = fault.code();
            channel.fireExceptionCaught(fault);
            return;
        }
        if (bytes.isReadable()) {
            channel.fireChannelRead(bytes);
        } else {
            bytes.release();
        }
        byte[] ping = reader.takePing();
        // Of several pings the newest need be answered; of one that does not listen, none.
        if (ping != null && channel.channel().isWritable() && !ended) {
            ByteBuf pong = header(channel, FINAL_PONG, ping.length).writeBytes(ping);
            ChannelFuture unused = channel.writeAndFlush(pong, channel.voidPromise());
        }
        if (reader.closeCode() != 0) {
            code = reader.closeCode();
            close(channel, channel.newPromise());
        }
    }

    @Override
    public void write(ChannelHandlerContext channel, Object message, ChannelPromise promise) {
        if (message instanceof WebSocketFrame) {
            // Vert.x stops and says goodbye; it would wait for an answer that is not heard any more.
            ReferenceCountUtil.release(message);
            promise.trySuccess();
            close(channel, channel.newPromise());
            return;
        }
        long length = message instanceof ByteBuf bytes
                ? bytes.readableBytes()
                : message instanceof FileRegion region ? region.count() : 0;
        if (length > 0) {
            ChannelFuture unused = channel.write(header(channel, FINAL_BINARY, length), channel.voidPromise());
        }
        ChannelFuture unused = channel.write(message, promise);
    }

    /** Says why, if the socket takes it at once; nobody is waited for. */
    @Override
    public void close(ChannelHandlerContext channel, ChannelPromise promise) {
        if (!ended) {
            ended = true;
            ByteBuf farewell = header(channel, FINAL_CLOSE, Short.BYTES).writeShort(code);
            ChannelFuture unused = channel.writeAndFlush(farewell, channel.voidPromise());
        }
        ChannelFuture unused = channel.close(promise);
    }

    private static ByteBuf header(ChannelHandlerContext channel, int kind, long length) {
        ByteBuf out = channel.alloc().directBuffer(LONGEST_HEADER + (kind == FINAL_BINARY ? 0 : (int) length));
        out.writeByte(kind);
        if (length <= SHORT_LENGTH) {
            out.writeByte((int) length);
        } else if (length <= 0xFFFF) {
            out.writeByte(TWO_BYTES).writeShort((int) length);
        } else {
            out.writeByte(EIGHT_BYTES).writeLong(length);
        }
        return out;
    }
}
