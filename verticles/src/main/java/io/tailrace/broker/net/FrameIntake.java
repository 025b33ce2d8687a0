// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/** The frames of one connection, paid for from the node's budget. One event loop. */
final class FrameIntake {

    private final FrameAssembler frames;
    private final RequestBudget budget;
    private long reservedBytes;
    private boolean refused;

    FrameIntake(ByteBufAllocator allocator, RequestBudget budget) {
        this.frames = new FrameAssembler(allocator, this::reserve);
        this.budget = budget;
    }

    void feed(ByteBuf bytes) {
        frames.feed(bytes);
    }

    /** The next whole frame, charged to the budget with its length; null if there is none, or no room for it ({@link #mustWait()}). */
    @Nullable
    ByteBuf next(int maxBytes) {
        refused = false;
        ByteBuf frame = frames.next(maxBytes);
        if (frame == null) {
            return null;
        }
        if (reservedBytes > 0) {
            reservedBytes = 0;
            budget.frameEnded(this);
        } else {
            budget.charge(frame.readableBytes());
        }
        return frame;
    }

    /** Where the socket shall read to; null for wherever it likes. */
    @Nullable
    ByteBuf target() {
        return frames.target();
    }

    boolean isPartial() {
        return frames.isPartial();
    }

    int partialBytes() {
        return frames.partialBytes();
    }

    /** Whether reading on must wait for memory: a frame was refused its buffer, or the next one would have none. */
    boolean mustWait() {
        return refused || reservedBytes == 0 && !budget.hasRoom();
    }

    /** Whether what waits is the rest of a frame. */
    boolean waitsWithHalfFrame() {
        return refused;
    }

    void close() {
        frames.close();
        budget.frameEnded(this);
        budget.release(reservedBytes);
        reservedBytes = 0;
    }

    private boolean reserve(int bytes) {
        if (budget.tryGrow(this, bytes)) {
            reservedBytes += bytes;
            return true;
        }
        refused = true;
        return false;
    }
}
