// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import io.tailrace.gateway.session.ClientFrame;
import io.tailrace.gateway.session.NewRecord;
import io.tailrace.gateway.session.ServerFrame;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The binary messages of {@code tailrace.v1.bin}: the frames that carry records, and those that come as often. All others are text, as in {@code
 * tailrace.v1.json}. The form is in docs/gateway-protocol.md.
 *
 * <pre>
 * 1 data    (server)  id, partition, (length, record)*, 0, next, bytes, token
 * 2 credit  (client)  id, records, bytes
 * 3 pub     (client)  seq, topic, partition + 1 or 0 for any, key, value, header count, (name, value)*
 * 4 pubbed  (server)  seq, partition, offset, receipt
 * 5 batches (server)  id, partition, next, records, token, bytes, batches as stored
 *
 * record    offset, timestamp (zigzag), key, value, header count, (name, value)*
 * </pre>
 *
 * Numbers are varints, seven bits at a time, lowest first. Text is its length and its UTF-8. Bytes are their length and one more, then they
 * themselves; 0 for none.
 */
public final class BinaryFrames {

    static final int DATA = 1;
    static final int CREDIT = 2;
    static final int PUB = 3;
    static final int PUBBED = 4;
    static final int BATCHES = 5;

    private static final long LARGEST = 1L << 53;
    private static final int MOST_HEADERS = 10_000;

    private BinaryFrames() {}

    /** What comes before the part of a data frame that all its receivers share. */
    public static byte[] dataHead(long id) {
        return new FrameBytes(12).octet(DATA).varint(id).take().getBytes();
    }

    /** As {@link #dataHead}, before batches that are sent as they are stored. */
    public static byte[] batchesHead(long id) {
        return new FrameBytes(12).octet(BATCHES).varint(id).take().getBytes();
    }

    /** The frame as a binary message; null if it is told in text. */
    public static byte @Nullable [] bytes(ServerFrame frame) {
        return frame instanceof ServerFrame.Published it && it.offset() >= 0
                ? new FrameBytes(64)
                        .octet(PUBBED)
                        .varint(it.seq())
                        .varint(it.partition())
                        .varint(it.offset())
                        .blobText(it.receipt().getBytes(StandardCharsets.US_ASCII))
                        .take()
                        .getBytes()
                : null;
    }

    /** Reads what a client sent; throws {@link BadFrameException}. */
    public static ClientFrame parse(ByteBuffer message) {
        Reader in = new Reader(message);
        int type = in.octet();
        ClientFrame frame =
                switch (type) {
                    case CREDIT -> new ClientFrame.AddCredit(in.number(), in.number(), in.number());
                    case PUB -> publish(in);
                    default ->
                        throw new BadFrameException(
                                io.tailrace.gateway.session.ErrorCode.UNSUPPORTED,
                                "no binary frame " + type + " is known here");
                };
        if (message.hasRemaining()) {
            throw new BadFrameException(message.remaining() + " bytes behind the frame");
        }
        return frame;
    }

    private static ClientFrame publish(Reader in) {
        long seq = in.number();
        String topic = in.text();
        int partition = (int) Math.min(Integer.MAX_VALUE, in.number()) - 1;
        byte[] key = in.bytes();
        byte[] value = in.bytes();
        long count = in.number();
        if (count > MOST_HEADERS) {
            throw new BadFrameException("more than " + MOST_HEADERS + " headers");
        }
        List<NewRecord.Header> headers = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            headers.add(new NewRecord.Header(in.text(), in.bytes()));
        }
        return new ClientFrame.Publish(seq, topic, new NewRecord(partition, key, value, List.copyOf(headers)));
    }

    /** Makes no room for what is not there. */
    private record Reader(ByteBuffer in) {

        int octet() {
            if (!in.hasRemaining()) {
                throw new BadFrameException("the frame is cut short");
            }
            return in.get() & 0xFF;
        }

        long number() {
            long value = 0;
            for (int shift = 0; shift < Long.SIZE - 7; shift += 7) {
                int octet = octet();
                value |= (long) (octet & 0x7F) << shift;
                if (octet < 0x80) {
                    if (value > LARGEST) {
                        break;
                    }
                    return value;
                }
            }
            throw new BadFrameException("a number must be from 0 to 2^53");
        }

        String text() {
            try {
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(some(number())))
                        .toString();
            } catch (CharacterCodingException notText) {
                throw new BadFrameException("text that is not UTF-8");
            }
        }

        byte @Nullable [] bytes() {
            long length = number();
            return length == 0 ? null : some(length - 1);
        }

        private byte[] some(long length) {
            if (length > in.remaining()) {
                throw new BadFrameException("the frame is cut short");
            }
            byte[] bytes = new byte[(int) length];
            in.get(bytes);
            return bytes;
        }
    }
}
