// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * How much memory of one kind the requests of a node take at once, over all its connections: their bytes ({@code
 * queued.max.request.bytes}), or their objects on the heap ({@link HeapShare}).
 *
 * <p>A frame that arrives in one piece is charged when it is there; reading stops afterwards, not before, so that the budget may be exceeded
 * by one socket read for each connection. Whatever grows asks before it does, and waits if there is no room.
 *
 * <p><b>No deadlock.</b> Were the budget full of half frames, none would ever become whole. So one owner at a time may overdraw: it gets
 * all the room that it needs, and gives the privilege back when it needs it no longer. The budget is therefore exceeded by at most
 * one frame more.
 *
 * <p><b>Fairness.</b> Two queues, each in the order in which they came; who waits in the first is woken before the second, as soon as there
 * is what he waits for. Each one wakes the next.
 *
 * <p>Any thread. The way taken while there is room is one atomic addition.
 */
public final class RequestBudget {

    private final long capacityBytes;
    private final AtomicLong usedBytes = new AtomicLong();
    private final AtomicReference<@Nullable Object> overdrawer = new AtomicReference<>();
    private final Queue<Waiter> first = new ArrayDeque<>();
    private final Queue<Waiter> second = new ArrayDeque<>();
    private volatile boolean waiting;

    /**
     * Somebody who was refused.
     *
     * @param bytes what he needs, if he is not to overdraw
     * @param growing whether he may overdraw
     */
    private record Waiter(long bytes, boolean growing, Runnable resume) {}

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

    /** Whether somebody waits for room. */
    boolean isShort() {
        return waiting;
    }

    long capacityBytes() {
        return capacityBytes;
    }

    /** Takes {@code bytes} that are in memory already. */
    void charge(long bytes) {
        usedBytes.addAndGet(bytes);
    }

    /** Takes {@code bytes} for what {@code owner} grows, if there is room or the owner may overdraw. */
    boolean tryGrow(Object owner, long bytes) {
        return tryGrow(owner, bytes, 0);
    }

    /** The same, leaving {@code spareBytes} for others. */
    boolean tryGrow(Object owner, long bytes, long spareBytes) {
        if (overdraws(owner)) {
            usedBytes.addAndGet(bytes);
            return true;
        }
        if (usedBytes.addAndGet(bytes) <= capacityBytes - spareBytes) {
            return true;
        }
        if (overdrawer.compareAndSet(null, owner)) {
            return true;
        }
        release(bytes);
        return false;
    }

    /** What {@code owner} grew is whole, or will never be. */
    void frameEnded(Object owner) {
        if (overdraws(owner)) {
            overdrawer.set(null);
            wakeNext();
        }
    }

    /** Gives back what was taken. */
    void release(long bytes) {
        usedBytes.addAndGet(-bytes);
        wakeNext();
    }

    /** Runs {@code resume} once, on whichever thread frees memory, when it is worth trying again to read something new. */
    void awaitRoom(Runnable resume) {
        await(second, new Waiter(1, false, resume));
    }

    /**
     * The same for something that was refused {@code bytes} when it wanted to grow.
     *
     * @param urgent to be woken before those who are not
     */
    void awaitGrowth(boolean urgent, long bytes, Runnable resume) {
        await(urgent ? first : second, new Waiter(bytes, true, resume));
    }

    private void await(Queue<Waiter> queue, Waiter waiter) {
        synchronized (this) {
            queue.add(waiter);
            waiting = true;
        }
        wakeNext();
    }

    /** Wakes one, if there is what he waits for. To be called by whom was woken too, alive or dead, so that all get their turn. */
    void wakeNext() {
        if (!waiting) {
            return;
        }
        Waiter next;
        synchronized (this) {
            next = isDue(first.peek()) ? first.poll() : isDue(second.peek()) ? second.poll() : null;
            waiting = !first.isEmpty() || !second.isEmpty();
        }
        if (next != null) {
            next.resume().run();
        }
    }

    private boolean isDue(@Nullable Waiter waiter) {
        return waiter != null
                && (usedBytes.get() + waiter.bytes() <= capacityBytes || waiter.growing() && overdrawer.get() == null);
    }

    /** Whether {@code owner} has taken more than there was. */
    boolean isOverdrawnBy(Object owner) {
        return overdraws(owner);
    }

    @SuppressWarnings("ReferenceEquality")
    private boolean overdraws(Object owner) {
        return overdrawer.get() == owner;
    }
}
