// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A response as the pieces that go to the socket in turn. One event loop. */
final class EncodedResponse implements SliceSink {

    private final ByteBuf out;
    private final FileParts files;

    /** Pieces before and between; null while there are no sliced records, the common case. */
    private @Nullable List<Object> parts;

    private @Nullable List<SlicedRecords> records;
    private int cutIndex;
    private long slicedBytes;

    EncodedResponse(ByteBuf out, FileParts files) {
        this.out = out;
        this.files = files;
    }

    /** Weaves {@code sliced} in behind what has been written to the buffer so far. */
    void weave(SlicedRecords sliced) {
        if (records == null) {
            records = new ArrayList<>();
            parts = new ArrayList<>();
        }
        records.add(sliced);
        if (sliced.sizeInBytes() > 0) {
            cut();
            long before = slicedBytes;
            sliced.writeTo(this);
            requireSize(sliced.sizeInBytes(), slicedBytes - before);
        }
    }

    @Override
    public void bytes(ByteBuffer part) {
        if (part.hasRemaining()) {
            slicedBytes += part.remaining();
            add(Unpooled.wrappedBuffer(part));
        }
    }

    @Override
    public void file(FileChannel file, long position, long count) {
        if (count > 0) {
            slicedBytes += count;
            add(files.part(file, position, count));
        }
    }

    /** The body has been written. */
    void end(int frameBytes) {
        requireSize(frameBytes, frameBytes());
        if (parts != null) {
            cut();
            out.release();
        }
    }

    /** What this takes of our memory, records aside, which the log holds anyway. */
    int memoryBytes() {
        return out.writerIndex();
    }

    int frameBytes() {
        return (int) (out.writerIndex() + slicedBytes);
    }

    /** Whether somebody wants to know when this has been written. */
    boolean hasRecords() {
        return records != null;
    }

    /** Gives the pieces out, which then belong to {@code sink}. */
    void forEachPart(Consumer<Object> sink) {
        if (parts == null) {
            sink.accept(out);
        } else {
            List<Object> all = parts;
            parts = List.of();
            all.forEach(sink);
        }
    }

    /** Lets the records go: the socket has taken all of them, or never will. */
    void releaseRecords() {
        if (records != null) {
            records.forEach(SlicedRecords::release);
            records = List.of();
        }
    }

    /** Lets go of the pieces, none of which was given out; not of the records. */
    void release() {
        if (parts != null) {
            parts.forEach(ReferenceCountUtil::release);
        }
        out.release();
    }

    private void cut() {
        if (out.writerIndex() > cutIndex) {
            add(out.retainedSlice(cutIndex, out.writerIndex() - cutIndex));
            cutIndex = out.writerIndex();
        }
    }

    private void add(Object part) {
        if (parts == null) {
            throw new IllegalStateException("a sink is used only while its records are written");
        }
        parts.add(part);
    }

    private static void requireSize(long promised, long written) {
        if (promised != written) {
            throw new IllegalStateException("response of " + promised + " bytes became " + written);
        }
    }
}
