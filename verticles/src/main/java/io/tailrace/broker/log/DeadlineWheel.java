// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Deadlines of a shard, by the hundred thousand, on one timer. A hashed wheel (Varghese and Lauck): slot {@code deadline / TICK_MS} modulo
 * the number of slots holds a doubly linked list, so adding and cancelling cost a few pointers and no allocation. A bit set of the slots in
 * use finds the next one to look at, so that a wheel with nothing due sleeps.
 *
 * <p>A deadline fires up to one tick late, never early. Those further away than one turn of the wheel stay in their slot until their turn
 * comes.
 *
 * <p>Pure: the host asks {@link #nextMs} when to call {@link #advance}. Owned by the shard's thread.
 */
final class DeadlineWheel {

    /** Long polls and produce timeouts are given in hundreds of milliseconds; ten more are not noticed. */
    static final int TICK_MS = 10;

    private static final int SLOTS = 1024;

    /** In no slot. */
    private static final int OUT = -1;

    /** In no slot, and about to be told so. */
    private static final int EXPIRING = -2;

    private final @Nullable Deadline[] slots = new Deadline[SLOTS];
    private final BitSet used = new BitSet(SLOTS);
    private final List<Deadline> due = new ArrayList<>();
    private long tick;

    DeadlineWheel(long nowMs) {
        this.tick = nowMs / TICK_MS;
    }

    /** Something that may run out of time. In at most one wheel, once at a time. */
    abstract static class Deadline {
        private long deadlineMs;
        private int slot = OUT;
        private @Nullable Deadline previous;
        private @Nullable Deadline next;

        /** Its time is over; it is out of the wheel already. */
        abstract void expire(long nowMs);
    }

    void add(Deadline deadline, long deadlineMs) {
        deadline.deadlineMs = deadlineMs;
        long due = Math.max(tick + 1, Math.ceilDiv(deadlineMs, (long) TICK_MS));
        int slot = (int) (due & (SLOTS - 1));
        deadline.slot = slot;
        deadline.previous = null;
        deadline.next = slots[slot];
        if (deadline.next != null) {
            deadline.next.previous = deadline;
        }
        slots[slot] = deadline;
        used.set(slot);
    }

    /** Takes it out; nothing happens if it is not in. */
    void cancel(Deadline deadline) {
        if (deadline.slot < 0) {
            deadline.slot = OUT;
            return;
        }
        if (deadline.previous != null) {
            deadline.previous.next = deadline.next;
        } else {
            slots[deadline.slot] = deadline.next;
            if (deadline.next == null) {
                used.clear(deadline.slot);
            }
        }
        if (deadline.next != null) {
            deadline.next.previous = deadline.previous;
        }
        deadline.slot = OUT;
        deadline.previous = null;
        deadline.next = null;
    }

    /** When to call {@link #advance} next, milliseconds since the epoch; {@link Long#MAX_VALUE} if there is nothing to wait for. */
    long nextMs() {
        if (used.isEmpty()) {
            return Long.MAX_VALUE;
        }
        int from = (int) ((tick + 1) & (SLOTS - 1));
        int slot = used.nextSetBit(from);
        int ahead = slot >= 0 ? slot - from : SLOTS - from + used.nextSetBit(0);
        return (tick + 1 + ahead) * TICK_MS;
    }

    /** Expires what is due. */
    void advance(long nowMs) {
        long target = nowMs / TICK_MS;
        if (target <= tick) {
            return;
        }
        long first = Math.max(tick + 1, target - SLOTS + 1);
        tick = target;
        for (long at = first; at <= target; at++) {
            int slot = (int) (at & (SLOTS - 1));
            if (used.get(slot)) {
                expireSlot(slot, nowMs);
            }
        }
    }

    /** In two passes: what expires may cancel, or add, others of the same slot. */
    private void expireSlot(int slot, long nowMs) {
        for (Deadline at = slots[slot]; at != null; ) {
            Deadline next = at.next;
            if (at.deadlineMs <= nowMs) {
                cancel(at);
                at.slot = EXPIRING;
                due.add(at);
            }
            at = next;
        }
        for (Deadline expired : due) {
            if (expired.slot == EXPIRING) {
                expired.slot = OUT;
                expired.expire(nowMs);
            }
        }
        due.clear();
    }
}
