// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.chaos;

import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A client on a thread of its own, which lives through as many client objects as it takes: one that has fallen out, or is "killed" now and
 * then, is replaced by a new one with a new number.
 */
abstract class Loop implements AutoCloseable {

    /** Mean time between two deaths of a client object. */
    private static final int LIFE_MS = 30_000;

    final History history;
    final Random random;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean wanted = true;

    Loop(String name, History history, long seed) {
        this.history = history;
        this.random = new Random(seed);
        this.thread = new Thread(this::run, "chaos-" + name);
    }

    void start() {
        thread.setDaemon(true);
        thread.start();
    }

    /** One client object's life; returns when {@link #lives} is false or it can do nothing more. */
    abstract void live(long untilMs) throws Exception;

    final boolean lives(long untilMs) {
        return wanted && history.nowMs() < untilMs;
    }

    private void run() {
        while (wanted) {
            long lifeMs = (long) (-Math.log(1 - random.nextDouble()) * LIFE_MS) + 1_000;
            try {
                live(history.nowMs() + lifeMs);
            } catch (Exception e) {
                history.note(thread.getName() + ": " + e);
                rest(200);
            }
        }
        ended.countDown();
    }

    /** A load has a pace. */
    final void rest(long ms) {
        try {
            TimeUnit.MILLISECONDS.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            wanted = false;
        }
    }

    /** Asks it to end, and waits for that. */
    @Override
    public void close() {
        wanted = false;
        try {
            if (!ended.await(120, TimeUnit.SECONDS)) {
                throw new IllegalStateException(thread.getName() + " does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The next request to end is heeded at once. */
    final void askToEnd() {
        wanted = false;
    }
}
