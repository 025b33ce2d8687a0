// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * How many bytes of requests a node holds at once, over all its connections ({@code queued.max.request.bytes}).
 *
 * <p>A frame that arrives in one piece is charged when it is there; reading stops afterwards, not before, so that the budget may be exceeded
 * by one socket read for each connection. A frame that arrives in pieces asks before its buffer grows, and waits if there is no room.
 *
 * <p><b>No deadlock.</b> Were the budget full of half frames, none would ever become whole. So one connection at a time may overdraw: it gets
 * all the room that its frame needs, and gives the privilege back when the frame is whole or the connection dead. The
 * budget is therefore exceeded by at most one frame more.
 *
 * <p><b>Fairness.</b> Waiters are woken in the order in which they came, those with half frames first, because only they can free memory. Each
 * one wakes the next while there is room.
 *
 * <p>What parsing makes of a frame is charged too, as an estimate: a frame may be much smaller than its objects.
 *
 * <p>Any thread. The way taken while there is room is one atomic addition.
 */
public final class RequestBudget {

    private final long capacityBytes;
    private final AtomicLong usedBytes = new AtomicLong();
    private final AtomicReference<@Nullable Object> overdrawer = new AtomicReference<>();
    private final Queue<Runnable> partial = new ArrayDeque<>();
    private final Queue<Runnable> idle = new ArrayDeque<>();
    private volatile boolean waiting;

    /** @param capacityBytes more than 0; at least a few of the largest frames, or large ones go one by one */
    public RequestBudget(long capacityBytes) {
        if (capacityBytes <= 0) {
            throw new IllegalArgumentException("capacity must be positive: " + capacityBytes);
        }
        this.capacityBytes = capacityBytes;
    }

    /** A quarter of what the JVM may use for direct buffers, which the request bytes live in. */
    public static RequestBudget ofThisMachine() {
        return new RequestBudget(Math.max(16L << 20, Runtime.getRuntime().maxMemory() / 4));
    }

    /** Whether a new frame may be read. */
    boolean hasRoom() {
        return usedBytes.get() < capacityBytes;
    }

    long usedBytes() {
        return usedBytes.get();
    }

    /** Takes {@code bytes} that are in memory already. */
    void charge(int bytes) {
        usedBytes.addAndGet(bytes);
    }

    /** Takes {@code bytes} for the growing frame of {@code owner}, if there is room or the owner may overdraw. */
    boolean tryGrow(Object owner, int bytes) {
        if (overdraws(owner)) {
            usedBytes.addAndGet(bytes);
            return true;
        }
        if (usedBytes.addAndGet(bytes) <= capacityBytes) {
            return true;
        }
        if (overdrawer.compareAndSet(null, owner)) {
            return true;
        }
        release(bytes);
        return false;
    }

    /** The frame of {@code owner} is whole, or will never be. */
    void frameEnded(Object owner) {
        if (overdraws(owner)) {
            overdrawer.set(null);
            if (waiting) {
                wake(true);
            }
        }
    }

    /** Gives back what was taken. */
    void release(long bytes) {
        usedBytes.addAndGet(-bytes);
        wakeNext();
    }

    /** Runs {@code resume} once, on whichever thread frees memory, when it is worth trying again. */
    void await(boolean halfFrame, Runnable resume) {
        synchronized (this) {
            (halfFrame ? partial : idle).add(resume);
            waiting = true;
        }
        passOn();
    }

    /** To be called by whom was woken, so that all get their turn while there is room. */
    void wakeNext() {
        if (waiting && hasRoom()) {
            wake(false);
        }
    }

    /** To be called instead by whom was woken and has died meanwhile. */
    void passOn() {
        wakeNext();
        if (waiting && overdrawer.get() == null) {
            wake(true);
        }
    }

    private void wake(boolean partialOnly) {
        Runnable next;
        synchronized (this) {
            next = partial.poll();
            if (next == null && !partialOnly) {
                next = idle.poll();
            }
            waiting = !partial.isEmpty() || !idle.isEmpty();
        }
        if (next != null) {
            next.run();
        }
    }

    @SuppressWarnings("ReferenceEquality")
    private boolean overdraws(Object owner) {
        return overdrawer.get() == owner;
    }
}
