// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.bus;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes one fetch may still carry, shared by the shards that serve it. Safe from any thread.
 */
public final class ByteBudget {

    private final AtomicLong left;
    private final AtomicBoolean firstTaken = new AtomicBoolean();

    public ByteBudget(long maxBytes) {
        this.left = new AtomicLong(Math.max(0, maxBytes));
    }

    /** Takes up to {@code wanted} bytes; returns how many were granted, 0 if none are left. What is not used goes back by {@link #giveBack}. */
    public int take(int wanted) {
        while (true) {
            long have = left.get();
            int granted = (int) Math.min(Math.max(0, have), wanted);
            if (granted == 0 || left.compareAndSet(have, have - granted)) {
                return granted;
            }
        }
    }

    /** Returns unused bytes; a negative number books what a first batch took beyond its grant. */
    public void giveBack(long unused) {
        if (unused != 0) {
            left.addAndGet(unused);
        }
    }

    /**
     * Whether the caller may hand out one batch larger than its grant. True for exactly one caller: the first batch of a fetch comes whole,
     * or a reader would never get past it (KIP-74). Whoever found nothing to hand out passes the claim back.
     */
    public boolean claimFirst() {
        return !firstTaken.get() && firstTaken.compareAndSet(false, true);
    }

    public void passFirst() {
        firstTaken.set(false);
    }
}
