// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

/**
 * Allows so many log lines in a window of a second, and counts the rest, so that garbage from the network does not fill a disk. Pure; one
 * event loop.
 */
final class LogLimiter {

    private static final long WINDOW_MS = 1000;

    private final int perWindow;
    private long windowMs = Long.MIN_VALUE;
    private int used;
    private long suppressed;

    LogLimiter(int perWindow) {
        this.perWindow = perWindow;
    }

    /** Whether to write a line now. */
    boolean allows(long nowMs) {
        if (windowMs == Long.MIN_VALUE || nowMs - windowMs >= WINDOW_MS) {
            windowMs = nowMs;
            used = 0;
        }
        if (used < perWindow) {
            used++;
            return true;
        }
        suppressed++;
        return false;
    }

    /** How many lines were not written since this was asked last. */
    long takeSuppressed() {
        long count = suppressed;
        suppressed = 0;
        return count;
    }
}
