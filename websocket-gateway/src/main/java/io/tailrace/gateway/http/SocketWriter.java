// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.WriteBufferWaterMark;
import io.tailrace.gateway.session.Filter;
import io.tailrace.gateway.session.ServerFrame;
import io.tailrace.gateway.wire.BinaryFrames;
import io.tailrace.gateway.wire.Deflate;
import io.tailrace.gateway.wire.Encoding;
import io.tailrace.gateway.wire.ServerFrames;
import io.tailrace.gateway.wire.View;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Writes the frames of one WebSocket (RFC 6455, section 5.2) past Vert.x, which would make a promise, a frame object and a flush of each. What
 * is written in one turn of the event loop leaves in one piece. All frames but the closing one go this way, so they keep their order.
 *
 * <p>A server does not mask, so records are copied as they are, from the bytes that all share. A message that is longer than what may wait at a
 * socket goes in fragments, copied as the socket takes them: a large record for a thousand readers is there once, and not a thousand times.
 * What is said in the meantime waits behind it, the records as references to what is shared.
 *
 * <p>Where the client takes it, records go compressed (RFC 7692), the same bytes to all: see {@link Deflate}. What is said about them is short, and
 * goes as it is.
 *
 * <p>Belongs to the event loop of the socket.
 */
final class SocketWriter implements Runnable {

    private static final int FINAL = 0x80;

    /** The reserved bit of a compressed message, in its first frame (RFC 7692, section 6). */
    private static final int PACKED = 0x40;

    private static final int CONTINUED = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int PING = 9;
    private static final int SHORT_LENGTH = 125;
    private static final int TWO_BYTES = 126;
    private static final int EIGHT_BYTES = 127;
    private static final int LONGEST_HEADER = 10;

    private static final int MOST_WAITING = 256 * 1024;
    private static final WriteBufferWaterMark QUEUE = new WriteBufferWaterMark(64 * 1024, MOST_WAITING);

    /** Longest message in one piece. */
    static final int WHOLE = MOST_WAITING;

    private static final int FRAGMENT = 64 * 1024;

    /** Clients count from 0 or 1, and most have few subscriptions. */
    private static final int SHARED_HEADS = 16;

    private static final byte[][] JSON_HEADS = firstHeads(false);
    private static final byte[][] BINARY_HEADS = firstHeads(true);
    private static final byte[][] PACKED_JSON_HEADS = packed(JSON_HEADS);
    private static final byte[][] PACKED_BINARY_HEADS = packed(BINARY_HEADS);

    private final FrameSocket socket;
    private final boolean binary;
    private final ChannelHandlerContext channel;
    private final Runnable onDrained;
    private boolean unflushed;

    /** What is not sent yet of a message in fragments. */
    private @Nullable ByteBuf rest;

    /** Messages that wait for the end of it; null while there are none. */
    private @Nullable Deque<Message> behind;

    private record Message(int kind, byte[] head, ByteBuf body) {}

    /**
     * @param binary whether records, and what else has such a form, go in binary messages
     * @param onDrained told when the socket takes bytes again after it did not
     */
    SocketWriter(FrameSocket socket, boolean binary, Runnable onDrained) {
        this.socket = socket;
        this.binary = binary;
        this.channel = socket.encoded();
        this.onDrained = onDrained;
        channel.channel().config().setWriteBufferWaterMark(QUEUE);
    }

    /** Whether more would pile up here; {@code onDrained} follows when it would not any longer. */
    boolean isFull() {
        return rest != null || !channel.channel().isWritable();
    }

    void send(ServerFrame frame) {
        byte[] bytes = binary ? BinaryFrames.bytes(frame) : null;
        if (bytes != null) {
            send(new Message(BINARY, bytes, Unpooled.EMPTY_BUFFER));
        } else {
            byte[] text = ServerFrames.text(frame).getBytes(StandardCharsets.UTF_8);
            send(new Message(TEXT, text, Unpooled.EMPTY_BUFFER));
        }
    }

    /** What comes before the records of a subscription, in this writer's form; not to be changed, as those with the same id share it. */
    byte[] dataHead(long id) {
        byte[][] first = binary ? BINARY_HEADS : JSON_HEADS;
        return id >= 0 && id < first.length ? first[(int) id] : dataHead(binary, id);
    }

    /** As {@link #dataHead}, for {@link #sendPacked}. */
    byte[] packedDataHead(long id) {
        byte[][] first = binary ? PACKED_BINARY_HEADS : PACKED_JSON_HEADS;
        return id >= 0 && id < first.length ? first[(int) id] : Deflate.stored(dataHead(binary, id));
    }

    private static byte[][] firstHeads(boolean binary) {
        byte[][] heads = new byte[SHARED_HEADS][];
        for (int id = 0; id < SHARED_HEADS; id++) {
            heads[id] = dataHead(binary, id);
        }
        return heads;
    }

    private static byte[][] packed(byte[][] heads) {
        return Arrays.stream(heads).map(Deflate::stored).toArray(byte[][]::new);
    }

    private static byte[] dataHead(boolean binary, long id) {
        return binary
                ? BinaryFrames.dataHead(id)
                : ("{\"type\":\"data\",\"id\":" + id + ",").getBytes(StandardCharsets.US_ASCII);
    }

    /** How records are to be encoded that are sent here. */
    View view(Filter filter) {
        return new View(binary ? Encoding.BINARY_FRAME : Encoding.JSON_FRAME, filter, socket.takesPacked());
    }

    /** Records: one message in two parts, of which the second is shared with others. */
    void send(byte[] head, Buffer body) {
        send(new Message(binary ? BINARY : TEXT, head, ((BufferInternal) body).getByteBuf()));
    }

    /** As {@link #send(byte[], Buffer)}, both parts of a DEFLATE stream. */
    void sendPacked(byte[] head, Buffer body) {
        send(new Message(PACKED | (binary ? BINARY : TEXT), head, ((BufferInternal) body).getByteBuf()));
    }

    private void send(Message message) {
        if (rest != null) {
            if (behind == null) {
                behind = new ArrayDeque<>();
            }
            behind.add(message);
            return;
        }
        byte[] head = message.head;
        ByteBuf body = message.body;
        int length = head.length + body.readableBytes();
        if (length <= WHOLE) {
            write(begin(FINAL | message.kind, length)
                    .writeBytes(head)
                    .writeBytes(body, body.readerIndex(), body.readableBytes()));
        } else {
            write(begin(message.kind, head.length).writeBytes(head));
            rest = body.duplicate();
            sendRest();
        }
    }

    /** As much as the socket takes. */
    private void sendRest() {
        ByteBuf from = rest;
        while (from != null && channel.channel().isWritable()) {
            int length = Math.min(FRAGMENT, from.readableBytes());
            boolean last = length == from.readableBytes();
            write(begin(last ? FINAL | CONTINUED : CONTINUED, length).writeBytes(from, length));
            from = last ? null : from;
        }
        rest = from;
    }

    /** The socket takes bytes again. */
    void onWritable() {
        sendRest();
        while (rest == null && behind != null) {
            Message next = behind.remove();
            behind = behind.isEmpty() ? null : behind;
            send(next);
        }
        if (!isFull()) {
            onDrained.run();
        }
    }

    void ping() {
        write(begin(FINAL | PING, 0));
    }

    /** A ping behind all that was sent, which comes back with this number. */
    void ping(long number) {
        send(new Message(PING, ByteBuffer.allocate(Long.BYTES).putLong(number).array(), Unpooled.EMPTY_BUFFER));
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
}
