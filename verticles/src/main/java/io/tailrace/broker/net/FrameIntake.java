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
    private int heldBytes;
    private long refusedBytes;

    FrameIntake(ByteBufAllocator allocator, RequestBudget budget) {
        this.frames = new FrameAssembler(allocator, this::reserve);
        this.budget = budget;
    }

    void feed(ByteBuf bytes) {
        frames.feed(bytes);
    }

    /** Pays for the bytes that lie here and are not looked at, because requests are in hand: to be called when no more of them will be. */
    void settle() {
        int inputBytes = frames.inputBytes();
        if (inputBytes != heldBytes) {
            if (inputBytes > heldBytes) {
                budget.charge(inputBytes - heldBytes);
            } else {
                budget.release(heldBytes - inputBytes);
            }
            heldBytes = inputBytes;
        }
    }

    /** The next whole frame, charged to the budget with its length; null if there is none, or no room for it ({@link #mustWait()}). */
    @Nullable
    ByteBuf next(int maxBytes) {
        refusedBytes = 0;
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
        return refusedBytes > 0 || reservedBytes == 0 && !budget.hasRoom();
    }

    /** Runs {@code resume} when it is worth to read on. The rest of a frame goes before new ones, because only it can free memory. */
    void await(Runnable resume) {
        if (refusedBytes > 0) {
            budget.awaitGrowth(true, refusedBytes, resume);
        } else {
            budget.awaitRoom(resume);
        }
    }

    void close() {
        frames.close();
        settle();
        budget.frameEnded(this);
        budget.release(reservedBytes);
        reservedBytes = 0;
    }

    private boolean reserve(int bytes) {
        if (budget.tryGrow(this, bytes)) {
            reservedBytes += bytes;
            return true;
        }
        refusedBytes = bytes;
        return false;
    }
}
