// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.netty.buffer.ByteBuf;
import java.net.ProtocolException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Takes the payload out of the frames of a client's WebSocket (RFC 6455, section 5): the binary messages as one stream, in which neither their
 * boundaries nor those of their fragments mean anything. A frame may have any length, since nothing of it is kept.
 *
 * <p>Pure but for the buffers it is given; one event loop.
 */
final class WebSocketReader {

    static final int NORMAL = 1000;
    static final int PROTOCOL_ERROR = 1002;
    static final int UNSUPPORTED = 1003;

    private static final int FINAL = 0x80;
    private static final int RESERVED = 0x70;
    private static final int MASKED = 0x80;
    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int MOST_CONTROL_BYTES = 125;
    private static final int SHORTEST_HEADER = 2;
    private static final int MASK_BYTES = 4;

    private final byte[] header = new byte[SHORTEST_HEADER + Long.BYTES + MASK_BYTES];
    private int headerBytes;
    private int headerLength = SHORTEST_HEADER;

    /** Of the payload of the frame at hand; its header is complete. */
    private boolean inPayload;

    private long leftBytes;
    private int mask;
    private boolean control;
    private byte[] controlBytes = new byte[0];
    private boolean inMessage;
    private byte @Nullable [] ping;
    private int closeCode;

    /** Something that no client may send. */
    static final class Fault extends ProtocolException {

        private final int code;

        Fault(int code, String message) {
            super(message);
            this.code = code;
        }

        /** For the closing frame. */
        int code() {
            return code;
        }
    }

    /**
     * Reads what the socket brought, and leaves in {@code bytes} the payload of binary messages, unmasked in place.
     *
     * @throws Fault if the client does not keep to the protocol, or sends text
     */
    void read(ByteBuf bytes) throws Fault {
        int start = bytes.readerIndex();
        int to = start;
        while (bytes.isReadable() && closeCode == 0) {
            if (!inPayload) {
                header[headerBytes++] = bytes.readByte();
                if (headerBytes == headerLength) {
                    onHeader();
                }
                continue;
            }
            int count = (int) Math.min(leftBytes, bytes.readableBytes());
            if (control) {
                int before = controlBytes.length;
                controlBytes = Arrays.copyOf(controlBytes, before + count);
                for (int i = before; i < controlBytes.length; i++) {
                    controlBytes[i] = (byte) (bytes.readByte() ^ mask >>> 24);
                    mask = Integer.rotateLeft(mask, 8);
                }
            } else {
                unmask(bytes, to, count);
                to += count;
            }
            leftBytes -= count;
            if (leftBytes == 0) {
                onEnd();
            }
        }
        bytes.setIndex(start, to);
    }

    /** What a ping carried that has not been answered: the newest; null if there is none. */
    byte @Nullable [] takePing() {
        byte[] taken = ping;
        ping = null;
        return taken;
    }

    /** The code to answer a closing frame with; 0 while none has come. */
    int closeCode() {
        return closeCode;
    }

    private void onHeader() throws Fault {
        int length = header[1] & ~MASKED & 0xFF;
        int extended = length == 126 ? Short.BYTES : length == 127 ? Long.BYTES : 0;
        if (headerBytes == SHORTEST_HEADER) {
            check(header[0] & 0xFF, (header[1] & MASKED) != 0, length);
            headerLength = SHORTEST_HEADER + extended + MASK_BYTES;
            return;
        }
        leftBytes = extended == 0 ? length : bigEndian(SHORTEST_HEADER, extended);
        if (leftBytes < 0) {
            throw new Fault(PROTOCOL_ERROR, "a frame of a negative length");
        }
        mask = (int) bigEndian(headerLength - MASK_BYTES, MASK_BYTES);
        headerBytes = 0;
        headerLength = SHORTEST_HEADER;
        inPayload = true;
        if (leftBytes == 0) {
            onEnd();
        }
    }

    private void check(int first, boolean masked, int length) throws Fault {
        int kind = first & 0xF;
        boolean last = (first & FINAL) != 0;
        control = kind >= CLOSE;
        if ((first & RESERVED) != 0 || !masked || kind > PONG || kind > BINARY && kind < CLOSE) {
            throw new Fault(PROTOCOL_ERROR, "a frame that no client may send");
        }
        if (control && (!last || length > MOST_CONTROL_BYTES)) {
            throw new Fault(PROTOCOL_ERROR, "a control frame that is too long or in fragments");
        }
        if (kind == TEXT) {
            throw new Fault(UNSUPPORTED, "text where Kafka's protocol is spoken");
        }
        if (!control) {
            if ((kind == CONTINUATION) != inMessage) {
                throw new Fault(PROTOCOL_ERROR, "a fragment out of its place");
            }
            inMessage = !last;
        }
    }

    private long bigEndian(int from, int count) {
        long value = 0;
        for (int i = from; i < from + count; i++) {
            value = value << 8 | header[i] & 0xFF;
        }
        return value;
    }

    /** Moves {@code count} bytes from where the buffer is read to {@code to}, which is not behind that, and unmasks them. */
    private void unmask(ByteBuf bytes, int to, int count) {
        int from = bytes.readerIndex();
        int i = 0;
        long both = (long) mask << 32 | mask & 0xFFFFFFFFL;
        for (; i + Long.BYTES <= count; i += Long.BYTES) {
            bytes.setLong(to + i, bytes.getLong(from + i) ^ both);
        }
        for (; i < count; i++) {
            bytes.setByte(to + i, bytes.getByte(from + i) ^ mask >>> 24);
            mask = Integer.rotateLeft(mask, 8);
        }
        bytes.readerIndex(from + count);
    }

    private void onEnd() {
        inPayload = false;
        if (!control) {
            return;
        }
        int kind = header[0] & 0xF;
        byte[] payload = controlBytes;
        controlBytes = new byte[0];
        if (kind == PING) {
            ping = payload;
        } else if (kind == CLOSE) {
            int code = payload.length < Short.BYTES ? 0 : (payload[0] & 0xFF) << 8 | payload[1] & 0xFF;
            closeCode = Math.max(NORMAL, code);
        }
    }
}
