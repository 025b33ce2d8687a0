// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.tailrace.protocol.MalformedFrameException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Bytes in, frames out, whatever the network makes of them in between; and not a byte is kept. */
final class FrameAssemblerTest {

    private static final int MAX = 10_000_000;

    private int reserved;
    private boolean refuse;
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private final FrameAssembler frames = new FrameAssembler(allocator, bytes -> {
        reserved += bytes;
        return !refuse;
    });

    @AfterEach
    void keepsNothing() {
        frames.close();
        assertThat(allocator.metric().usedDirectMemory()).isZero();
    }

    @Test
    void cutsAnyStreamAtAnyPlaces() {
        for (long seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            List<byte[]> sent = new ArrayList<>();
            ByteBuf stream = allocator.directBuffer();
            for (int i = 0; i < 8; i++) {
                byte[] content = new byte[8 + random.nextInt(random.nextInt(4) == 0 ? 400_000 : 200)];
                random.nextBytes(content);
                sent.add(content);
                stream.writeInt(content.length).writeBytes(content);
            }
            List<byte[]> received = new ArrayList<>();
            while (stream.isReadable()) {
                read(stream, 1 + random.nextInt(random.nextBoolean() ? 50 : 80_000));
                for (ByteBuf frame = frames.next(MAX); frame != null; frame = frames.next(MAX)) {
                    received.add(bytes(frame));
                }
            }
            stream.release();
            assertThat(received).as("seed %d", seed).hasSameSizeAs(sent);
            for (int i = 0; i < sent.size(); i++) {
                assertThat(received.get(i)).as("frame %d, seed %d", i, seed).isEqualTo(sent.get(i));
            }
            assertThat(frames.isPartial()).isFalse();
        }
    }

    @Test
    void wholeFrameIsSliceOfWhatWasRead() {
        ByteBuf read = allocator.directBuffer().writeInt(8).writeLong(1);
        frames.feed(read);

        ByteBuf frame = frames.next(MAX);

        assertThat(frame.memoryAddress()).isEqualTo(read.memoryAddress() + 4);
        assertThat(reserved).isZero();
        frame.release();
    }

    @Test
    void memoryGrowsOnlyWithWhatArrived() {
        frames.feed(allocator.directBuffer().writeInt(9_000_000).writeByte(0));
        assertThat(frames.next(MAX)).isNull();
        assertThat(reserved).isEqualTo(FrameAssembler.FIRST_BYTES);

        fillTarget(FrameAssembler.FIRST_BYTES - 2);
        assertThat(frames.next(MAX)).isNull();
        assertThat(reserved).isEqualTo(FrameAssembler.FIRST_BYTES);
        frames.feed(allocator.directBuffer().writeByte(0));
        assertThat(frames.next(MAX)).isNull();
        assertThat(reserved).isEqualTo(FrameAssembler.SECOND_BYTES);
    }

    /** A producer's ordinary request: a little more than the first read can bring. */
    @Test
    void frameWhoseBeginningFilledAReadIsNotCopiedAgain() {
        ByteBuf read = allocator.directBuffer(FrameAssembler.FIRST_BYTES);
        frames.feed(read.writeInt(70_000).writeZero(FrameAssembler.FIRST_BYTES - Integer.BYTES));
        assertThat(frames.next(MAX)).isNull();
        assertThat(frames.reservedBytes()).isEqualTo(70_000);

        fillTarget(70_000 - FrameAssembler.FIRST_BYTES + Integer.BYTES);
        ByteBuf frame = frames.next(MAX);
        assertThat(frame.readableBytes()).isEqualTo(70_000);
        frame.release();
    }

    @Test
    void keepsBytesWhileMemoryIsRefused() {
        refuse = true;
        frames.feed(allocator.directBuffer().writeInt(100_000).writeZero(50_000));
        assertThat(frames.next(MAX)).isNull();
        assertThat(frames.target()).isNull();

        refuse = false;
        assertThat(frames.next(MAX)).isNull();
        frames.feed(allocator.directBuffer().writeZero(50_000));
        ByteBuf frame = frames.next(MAX);
        assertThat(frame.readableBytes()).isEqualTo(100_000);
        frame.release();
    }

    @Test
    void refusesLengthsBeyondTheBound() {
        frames.feed(allocator.directBuffer().writeInt(101));

        assertThatThrownBy(() -> frames.next(100)).isInstanceOf(MalformedFrameException.class);
        assertThat(reserved).isZero();
    }

    /** Reads as a socket would: into the frame's own buffer when the assembler wants that. */
    private void read(ByteBuf stream, int most) {
        ByteBuf target = frames.target();
        ByteBuf into = target != null ? target : allocator.directBuffer(most);
        into.writeBytes(stream, Math.min(Math.min(most, stream.readableBytes()), into.writableBytes()));
        frames.feed(into);
    }

    private void fillTarget(int count) {
        ByteBuf target = frames.target();
        assertThat(target).isNotNull();
        target.writeZero(count);
        frames.feed(target);
    }

    private static byte[] bytes(ByteBuf frame) {
        byte[] bytes = new byte[frame.readableBytes()];
        frame.readBytes(bytes);
        frame.release();
        return bytes;
    }
}
