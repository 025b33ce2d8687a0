// SPDX-License-Identifier: Apache-2.0
package io.tailrace.protocol;

import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Readable;

/**
 * Lets kafka-clients' generated readers read a frame, but not more often than agreed, and never beyond its end.
 *
 * <p>The generated readers of 4.4 check an array's length against the remaining bytes and against a million, and set room for a thousand
 * aside at first. What they do not bound is nesting and amplification: a million empty structures of two bytes each are a frame of 2 MB and
 * some hundred MB of objects. Here each object costs at least one of a limited number of reads ({@link FrameLimits#readCount()}).
 *
 * <p>Byte ranges and records are slices of the frame's buffer, not copies; {@link #handedOutSlices()} tells whether there are any, so that
 * the buffer of a frame without them can be given back as soon as it is parsed.
 *
 * <p>One thread at a time. Every method may throw {@link MalformedFrameException}, or a runtime exception of kafka-clients or of
 * {@link ByteBuffer}, which {@link RequestBody} turns into one.
 */
public final class GuardedReader implements Readable {

    private final ByteBufferAccessor bytes;
    private final int readCount;
    private int readsLeft;
    private boolean handedOutSlices;

    /** Reads from the position of {@code frame} to its limit; moves its position. */
    public GuardedReader(ByteBuffer frame, int readCount) {
        bytes = new ByteBufferAccessor(frame);
        this.readCount = readCount;
        readsLeft = readCount;
    }

    /** Whether something read is a view of the frame's memory. */
    public boolean handedOutSlices() {
        return handedOutSlices;
    }

    /** How many reads there were so far: the objects made from the frame are no more. */
    public int readsDone() {
        return readCount - readsLeft;
    }

    @Override
    public byte readByte() {
        spend();
        return bytes.readByte();
    }

    @Override
    public short readShort() {
        spend();
        return bytes.readShort();
    }

    @Override
    public int readInt() {
        spend();
        return bytes.readInt();
    }

    @Override
    public long readLong() {
        spend();
        return bytes.readLong();
    }

    @Override
    public double readDouble() {
        spend();
        return bytes.readDouble();
    }

    @Override
    public byte[] readArray(int length) {
        spend();
        requireRemaining(length);
        return bytes.readArray(length);
    }

    @Override
    public int readUnsignedVarint() {
        spend();
        return bytes.readUnsignedVarint();
    }

    @Override
    public ByteBuffer readByteBuffer(int length) {
        spend();
        requireRemaining(length);
        handedOutSlices = true;
        return bytes.readByteBuffer(length);
    }

    @Override
    public int readVarint() {
        spend();
        return bytes.readVarint();
    }

    @Override
    public long readVarlong() {
        spend();
        return bytes.readVarlong();
    }

    @Override
    public int remaining() {
        return bytes.remaining();
    }

    @Override
    public Readable slice() {
        throw new UnsupportedOperationException("no generated reader asks for this");
    }

    void skip(int length) {
        spend();
        requireRemaining(length);
        ByteBuffer buffer = bytes.buffer();
        buffer.position(buffer.position() + length);
    }

    private void spend() {
        if (--readsLeft < 0) {
            throw new MalformedFrameException("too many elements for one frame");
        }
    }

    private void requireRemaining(int length) {
        if (length < 0 || length > bytes.remaining()) {
            throw new MalformedFrameException("field of " + length + " bytes where " + bytes.remaining() + " are left");
        }
    }
}
