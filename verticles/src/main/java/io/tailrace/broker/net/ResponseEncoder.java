// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.tailrace.protocol.RequestHead;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageSizeAccumulator;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/**
 * Turns responses into frames: length, response header, body.
 *
 * <p>Everything but records goes into one pooled direct buffer of the right size; {@link SlicedRecords} stay where they are and are woven in.
 */
final class ResponseEncoder {

    private static final int LENGTH_BYTES = 4;
    private static final int CORRELATION_BYTES = 4;

    private final ByteBufAllocator allocator;
    private final FileParts files;
    private final ResponseMemory memory;

    ResponseEncoder(ByteBufAllocator allocator, FileParts files, ResponseMemory memory) {
        this.allocator = allocator;
        this.files = files;
        this.memory = memory;
    }

    /**
     * The frame that answers {@code head}; the caller owns it, and with it the records inside.
     *
     * @param version of the body; not always that of the request
     * @throws IllegalStateException records did not have the size they told, or the answer is larger than all that a node may hold; the
     *     records have been released
     */
    EncodedResponse encode(RequestHead head, ApiMessage body, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        MessageSizeAccumulator size = new MessageSizeAccumulator();
        body.addSize(size, cache, version);
        short headerVersion = head.responseHeaderVersion();
        int headerBytes = CORRELATION_BYTES + (headerVersion >= 1 ? 1 : 0);
        int frameBytes = LENGTH_BYTES + headerBytes + size.totalSize();

        if (!memory.canEverHold(size.sizeExcludingZeroCopy())) {
            discard(body, version);
            throw new IllegalStateException("an answer of " + size.sizeExcludingZeroCopy() + " bytes is too large");
        }
        ByteBuf out = allocator.directBuffer(LENGTH_BYTES + headerBytes + size.sizeExcludingZeroCopy());
        EncodedResponse response = new EncodedResponse(out, files);
        out.writeInt(frameBytes - LENGTH_BYTES);
        out.writeInt(head.correlationId());
        if (headerVersion >= 1) {
            out.writeByte(0); // no tagged fields
        }
        try {
            body.write(new ResponseWriter(out, response), cache, version);
            response.end(frameBytes);
            return response;
        } catch (RuntimeException e) {
            response.release();
            discard(body, version);
            throw e;
        }
    }

    /** Gives back the records in a response that will not be written. */
    static void discard(ApiMessage body, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        body.addSize(new MessageSizeAccumulator(), cache, version);
        body.write(new DiscardingWriter(), cache, version);
    }
}
