// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** A frame being written: JSON as UTF-8, without a String for each value, or the binary form of {@link BinaryFrames}. */
final class FrameBytes {

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private byte[] bytes;
    private int size;

    /** @param sizeBytes about what will be written */
    FrameBytes(int sizeBytes) {
        this.bytes = new byte[sizeBytes];
    }

    /** Writes ASCII as it is. */
    FrameBytes raw(String ascii) {
        int length = ascii.length();
        room(length);
        for (int i = 0; i < length; i++) {
            bytes[size++] = (byte) ascii.charAt(i);
        }
        return this;
    }

    FrameBytes octet(int value) {
        room(1);
        bytes[size++] = (byte) value;
        return this;
    }

    /** Not negative, but for one that is meant as 64 bits. */
    FrameBytes varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            octet((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        return octet((int) rest);
    }

    static int varintSize(long value) {
        return (Long.SIZE - Long.numberOfLeadingZeros(value | 1) + 6) / 7;
    }

    /** Length and one more, then the bytes; 0 if there are none. */
    FrameBytes blob(@Nullable ByteBuffer value) {
        if (value == null) {
            return octet(0);
        }
        int length = value.remaining();
        varint(length + 1L);
        room(length);
        value.get(value.position(), bytes, size, length);
        size += length;
        return this;
    }

    static int blobSize(int length) {
        return length < 0 ? 1 : varintSize(length + 1L) + length;
    }

    /** Length in bytes, then UTF-8. */
    FrameBytes blobText(byte[] utf8) {
        varint(utf8.length);
        room(utf8.length);
        System.arraycopy(utf8, 0, bytes, size, utf8.length);
        size += utf8.length;
        return this;
    }

    FrameBytes number(long value) {
        return raw(Long.toString(value));
    }

    /** Writes text with quotes around it. */
    FrameBytes text(String value) {
        return quoted(ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8)));
    }

    /** Writes bytes as a string if they are UTF-8, as {@code {"base64": "…"}} if not, as null if there are none. */
    FrameBytes value(@Nullable ByteBuffer value) {
        if (value == null) {
            return raw("null");
        }
        if (plain(value)) {
            return this;
        }
        if (Utf8.isValid(value)) {
            return quoted(value);
        }
        byte[] copy = new byte[value.remaining()];
        value.get(value.position(), copy);
        return raw("{\"base64\":\"")
                .raw(Base64.getEncoder().encodeToString(copy))
                .raw("\"}");
    }

    /** Writes what needs no second look, as most text does not: ASCII, and nothing of it escaped. False if it is not so, and nothing is written. */
    private boolean plain(ByteBuffer value) {
        int length = value.remaining();
        room(length + 2);
        value.get(value.position(), bytes, size + 1, length);
        if (!Utf8.isPlain(bytes, size + 1, size + 1 + length)) {
            return false;
        }
        bytes[size] = '"';
        bytes[size + 1 + length] = '"';
        size += length + 2;
        return true;
    }

    private FrameBytes quoted(ByteBuffer utf8) {
        room(utf8.remaining() + 2);
        bytes[size++] = '"';
        for (int i = utf8.position(); i < utf8.limit(); i++) {
            byte b = utf8.get(i);
            if (b == '"' || b == '\\') {
                room(utf8.limit() - i + 2);
                bytes[size++] = '\\';
                bytes[size++] = b;
            } else if (b >= 0 && b < 0x20) {
                room(utf8.limit() - i + 6);
                escape(b);
            } else {
                bytes[size++] = b;
            }
        }
        room(1);
        bytes[size++] = '"';
        return this;
    }

    private void escape(byte control) {
        bytes[size++] = '\\';
        bytes[size++] = 'u';
        bytes[size++] = '0';
        bytes[size++] = '0';
        bytes[size++] = HEX[control >> 4];
        bytes[size++] = HEX[control & 15];
    }

    /** Writes what stands in another one from {@code start} on. */
    FrameBytes append(FrameBytes other, int start) {
        int length = other.size - start;
        room(length);
        System.arraycopy(other.bytes, start, bytes, size, length);
        size += length;
        return this;
    }

    int size() {
        return size;
    }

    /** Gives the bytes away: nothing more may be written. */
    Buffer take() {
        return BufferInternal.buffer(Unpooled.wrappedBuffer(bytes, 0, size));
    }

    private void room(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
        }
    }
}
