// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.segment;

import org.jspecify.annotations.Nullable;

/**
 * Where recent appends began and recent reads ended: a consumer that keeps up, and a high watermark that follows, ask for just
 * these, and need neither the index nor the file to find them.
 *
 * <p>A pair (offset, position) says: batches below the position end at or below the offset, batches from it on lie at or above.
 */
final class PositionHints {

    private static final int SLOTS = 16;

    private long @Nullable [] pairs;
    private int next;

    void add(long offset, long position) {
        long[] slots = pairs;
        if (slots == null) {
            slots = new long[2 * SLOTS];
            pairs = slots;
        }
        slots[next] = offset;
        slots[next + 1] = position;
        next = (next + 2) % slots.length;
    }

    /** The greatest known position that is at or below that of {@code offset}; 0 if none is known. */
    long floor(long offset) {
        long[] slots = pairs;
        long best = 0;
        if (slots != null) {
            for (int i = 0; i < slots.length; i += 2) {
                if (slots[i] <= offset && slots[i + 1] > best) {
                    best = slots[i + 1];
                }
            }
        }
        return best;
    }

    void clear() {
        pairs = null;
        next = 0;
    }
}
