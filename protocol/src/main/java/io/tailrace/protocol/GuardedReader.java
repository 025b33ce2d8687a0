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
 * <p>Whoever pays for the objects is asked by a {@link Meter} as they are made, {@value #SLAB_READS} reads at a time; if there is no room
 * for more, reading ends with {@link NoRoomException}, and the frame may be read again, from its start, by a new reader.
 *
 * <p>One thread at a time. Every method may throw {@link MalformedFrameException}, {@link NoRoomException}, or a runtime exception of kafka-clients or of
 * {@link ByteBuffer}, which {@link RequestBody} turns into one.
 */
public final class GuardedReader implements Readable {

    /** Reads between two questions to the meter: a small request asks once. */
    public static final int SLAB_READS = 512;

    /** Bytes that are copied to the heap, as those of a string are, count as a read for each so many. */
    private static final int COPIED_BYTES = 32;

    private final ByteBufferAccessor bytes;
    private final int readCount;
    private final Meter meter;
    private int readsGranted;
    private int grantLeft;
    private boolean handedOutSlices;

    /** Whether there is memory for what reading makes. */
    @FunctionalInterface
    public interface Meter {

        /** Takes memory for the objects of {@code readCount} more reads, or refuses. */
        boolean grants(int readCount);
    }

    /** Reads from the position of {@code frame} to its limit; moves its position. There is memory for whatever it makes. */
    public GuardedReader(ByteBuffer frame, int readCount) {
        this(frame, readCount, reads -> true);
    }

    /** Reads from the position of {@code frame} to its limit; moves its position. */
    public GuardedReader(ByteBuffer frame, int readCount, Meter meter) {
        bytes = new ByteBufferAccessor(frame);
        this.readCount = readCount;
        this.meter = meter;
    }

    /** Whether something read is a view of the frame's memory. */
    public boolean handedOutSlices() {
        return handedOutSlices;
    }

    /** How many reads there were so far: the objects made from the frame are no more. */
    public int readsDone() {
        return readsGranted - grantLeft;
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
        requireRemaining(length);
        for (int copied = 0; copied <= length; copied += COPIED_BYTES) {
            spend();
        }
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
        if (grantLeft == 0) {
            ask();
        }
        grantLeft--;
    }

    private void ask() {
        int slab = Math.min(SLAB_READS, readCount - readsGranted);
        if (slab == 0) {
            throw new MalformedFrameException("too many elements for one frame");
        }
        if (!meter.grants(slab)) {
            throw new NoRoomException();
        }
        readsGranted += slab;
        grantLeft = slab;
    }

    private void requireRemaining(int length) {
        if (length < 0 || length > bytes.remaining()) {
            throw new MalformedFrameException("field of " + length + " bytes where " + bytes.remaining() + " are left");
        }
    }
}
