// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ReferenceCountUtil;
import io.tailrace.protocol.MalformedFrameException;
import io.tailrace.protocol.RequestHead;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the bytes of a connection into frames: an int32 length, then so many bytes.
 *
 * <p><b>No copies that matter.</b> A frame that lies whole in what one socket read brought is a slice of it. A frame that does not gets a buffer
 * of its own, contiguous because records are validated and written to disk in place; the socket then reads straight into that
 * buffer ({@link #target()}). What is copied is only the beginning that came along with earlier frames, and the end if it is too short
 * to be worth a read of its own.
 *
 * <p><b>Nothing on credit.</b> The buffer has {@value #FIRST_BYTES} bytes until that much has arrived, {@value #SECOND_BYTES} from then on, and doubles
 * from there. So a length of 100 MiB costs its sender the bytes before it costs us the memory; a producer's ordinary batch of up to
 * 2 MiB is copied once, for its first {@value #FIRST_BYTES} bytes.
 *
 * <p>One event loop. Buffers given in are owned here, frames given out by the caller.
 */
public final class FrameAssembler {

    static final int FIRST_BYTES = 64 * 1024;
    static final int SECOND_BYTES = 2 * 1024 * 1024;

    /** Below this a read into the frame's own buffer costs more than copying the rest of the frame. */
    private static final int WORTH_A_READ_BYTES = 4 * 1024;

    private static final int NO_LENGTH = -1;

    private final ByteBufAllocator allocator;
    private final IntPredicate reserve;
    private final int minBytes;

    /** Bytes not looked at yet. */
    private @Nullable ByteBuf input;

    /** The frame that is not whole; null when its length is not known either. */
    private @Nullable ByteBuf frame;

    private int length = NO_LENGTH;
    private int lengthBytes;
    private int lengthSoFar;

    /** @param reserve asks for that many bytes more for a frame that is not whole; if refused, {@link #next} is to be called again later */
    FrameAssembler(ByteBufAllocator allocator, IntPredicate reserve) {
        this(allocator, RequestHead.MIN_BYTES, reserve);
    }

    /** @param minBytes the shortest frame there is, without its length; at least 1 */
    public FrameAssembler(ByteBufAllocator allocator, int minBytes, IntPredicate reserve) {
        this.allocator = allocator;
        this.minBytes = minBytes;
        this.reserve = reserve;
    }

    /** Takes what the socket brought; it may be {@link #target()} itself. */
    public void feed(ByteBuf bytes) {
        if (isFrame(bytes)) {
            bytes.release();
        } else if (input == null) {
            input = bytes;
        } else {
            // Only when reading was stopped with bytes left over and the socket had one more read under way.
            ByteBuf joined = allocator.directBuffer(input.readableBytes() + bytes.readableBytes());
            joined.writeBytes(input).writeBytes(bytes);
            input.release();
            bytes.release();
            input = joined;
        }
    }

    /**
     * The next whole frame, without its length; null if there is none yet.
     *
     * @throws MalformedFrameException a frame longer than {@code maxBytes}, or too short to be one
     */
    @Nullable
    public ByteBuf next(int maxBytes) {
        if (frame == null && !readLength(maxBytes)) {
            dropEmptyInput();
            return null;
        }
        ByteBuf whole = frame == null ? sliceOrBegin() : fill(frame);
        if (whole != null) {
            length = NO_LENGTH;
        }
        dropEmptyInput();
        return whole;
    }

    /** Where the socket shall read to, retained for it; null for a buffer of its own choice. */
    @Nullable
    public ByteBuf target() {
        return frame != null && frame.writableBytes() >= Math.min(WORTH_A_READ_BYTES, length) ? frame.retain() : null;
    }

    /** Whether the beginning of a frame has arrived and its end has not. */
    boolean isPartial() {
        return length != NO_LENGTH || lengthBytes > 0;
    }

    /** Whether there are bytes that {@link #next} has not looked at. */
    boolean hasInput() {
        return input != null;
    }

    /** What the bytes that {@link #next} has not looked at keep in memory. */
    int inputBytes() {
        return input == null ? 0 : input.capacity();
    }

    /** How much of the partial frame is there. */
    int partialBytes() {
        return frame == null ? 0 : frame.writerIndex();
    }

    /** What has been reserved for the partial frame. */
    int reservedBytes() {
        return frame == null ? 0 : frame.capacity();
    }

    public void close() {
        ReferenceCountUtil.release(frame);
        ReferenceCountUtil.release(input);
        frame = null;
        input = null;
    }

    private boolean readLength(int maxBytes) {
        while (length == NO_LENGTH && input != null && input.isReadable()) {
            lengthSoFar = lengthSoFar << 8 | input.readUnsignedByte();
            if (++lengthBytes == Integer.BYTES) {
                length = lengthSoFar;
                lengthBytes = 0;
                lengthSoFar = 0;
                if (length < minBytes || length > maxBytes) {
                    throw new MalformedFrameException(
                            "frame of " + Integer.toUnsignedString(length) + " bytes, at most " + maxBytes);
                }
            }
        }
        return length != NO_LENGTH;
    }

    private @Nullable ByteBuf sliceOrBegin() {
        int available = input == null ? 0 : input.readableBytes();
        if (input != null && available >= length) {
            return input.readRetainedSlice(length);
        }
        boolean firstArrived = available >= FIRST_BYTES - Integer.BYTES; // the length itself came in the same read
        int capacity = Math.min(length, firstArrived ? Math.max(SECOND_BYTES, available) : FIRST_BYTES);
        if (available == 0 || !reserve.test(capacity)) {
            return null;
        }
        frame = allocator.directBuffer(capacity, length);
        return fill(frame);
    }

    private @Nullable ByteBuf fill(ByteBuf into) {
        while (true) {
            if (input != null) {
                into.writeBytes(input, Math.min(input.readableBytes(), into.writableBytes()));
            }
            if (into.writerIndex() == length) {
                frame = null;
                return into;
            }
            if (into.isWritable() || !grow(into)) {
                return null;
            }
        }
    }

    private boolean grow(ByteBuf full) {
        int doubled = full.capacity() > length / 2 ? length : full.capacity() * 2;
        int capacity = Math.min(length, Math.max(SECOND_BYTES, doubled));
        if (!reserve.test(capacity - full.capacity())) {
            return false;
        }
        full.capacity(capacity);
        return true;
    }

    private void dropEmptyInput() {
        if (input != null && !input.isReadable()) {
            input.release();
            input = null;
        }
    }

    @SuppressWarnings("ReferenceEquality")
    private boolean isFrame(ByteBuf bytes) {
        return bytes == frame;
    }
}
