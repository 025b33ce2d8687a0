// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.zip.Deflater;

/**
 * Compresses messages for WebSockets that agreed on {@link DeflateOffer}. A DEFLATE stream (RFC 1951) may be put together of pieces that end on a
 * byte. So a message is a <em>stored</em> block with what is of one subscription, and behind it a piece that is made once and sent to all who get
 * the same.
 *
 * <p>For any thread. A piece of 64 KiB takes about a millisecond, and there are larger ones: work for a worker.
 */
public final class Deflate {

    /** Less than this hardly shrinks, and goes in a stored block. */
    static final int LEAST_BYTES = 128;

    /** What ends a flushed piece and is left out on the wire (RFC 7692, section 7.2.1): an empty stored block, but for its first byte. */
    private static final int FLUSH_BYTES = 4;

    private static final int STORED_HEAD_BYTES = 5;
    private static final int STORED_BYTES_MAX = 0xFFFF;

    /** Taken and given at a time: some garbage collectors cannot run in the meantime. */
    private static final int SLICE_BYTES = 256 * 1024;

    /** Room for the end of a flush, so that it is not begun twice. */
    private static final int LEAST_ROOM = 16;

    /** Each holds a quarter of a megabyte off the heap. No more are kept than workers are likely to use at a time. */
    private static final BlockingQueue<Deflater> IDLE = new ArrayBlockingQueue<>(8);

    private Deflate() {}

    /** The piece for these bytes: the end of a message, or a whole one. */
    static Buffer packed(Buffer body) {
        byte[] bytes = body.getBytes();
        if (bytes.length >= LEAST_BYTES) {
            return deflated(bytes);
        }
        byte[] block = stored(bytes);
        return wrapped(block, block.length + 1); // and the first byte of an empty one, which is 0
    }

    private static Buffer deflated(byte[] in) {
        Deflater idle = IDLE.poll();
        Deflater deflater = idle == null ? new Deflater(Deflater.BEST_SPEED, true) : idle;
        try {
            return deflated(in, deflater);
        } finally {
            deflater.reset();
            if (!IDLE.offer(deflater)) {
                deflater.end();
            }
        }
    }

    private static Buffer deflated(byte[] in, Deflater deflater) {
        byte[] out = new byte[LEAST_BYTES + in.length / 4];
        int taken = 0;
        int size = 0;
        boolean complete = false;
        while (!complete) {
            if (deflater.needsInput() && taken < in.length) {
                int more = Math.min(SLICE_BYTES, in.length - taken);
                deflater.setInput(in, taken, more);
                taken += more;
            }
            if (out.length - size < LEAST_ROOM) {
                out = Arrays.copyOf(out, out.length * 2);
            }
            boolean last = taken == in.length;
            int room = Math.min(SLICE_BYTES, out.length - size);
            int more = deflater.deflate(out, size, room, last ? Deflater.SYNC_FLUSH : Deflater.NO_FLUSH);
            size += more;
            complete = last && more < room;
        }
        return wrapped(out, size - FLUSH_BYTES);
    }

    /** What is kept for slow sockets is not much longer than it has to be. */
    private static Buffer wrapped(byte[] bytes, int length) {
        boolean fits = length <= bytes.length && length > bytes.length / 2;
        return BufferInternal.buffer(Unpooled.wrappedBuffer(fits ? bytes : Arrays.copyOf(bytes, length), 0, length));
    }

    /** A stored block: what is to be said stands in it as it is. @param head at most 65,535 bytes */
    public static byte[] stored(byte[] head) {
        if (head.length > STORED_BYTES_MAX) {
            throw new IllegalArgumentException("a stored block has at most " + STORED_BYTES_MAX + " bytes");
        }
        byte[] block = new byte[STORED_HEAD_BYTES + head.length];
        block[1] = (byte) head.length;
        block[2] = (byte) (head.length >> 8);
        block[3] = (byte) ~head.length;
        block[4] = (byte) (~head.length >> 8);
        System.arraycopy(head, 0, block, STORED_HEAD_BYTES, head.length);
        return block;
    }
}
