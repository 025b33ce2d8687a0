// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication;

/**
 * Holds bytes back to a rate. It fills at the rate up to one second's worth; whoever may take at all takes as much as it has, and what is more
 * than there was is owed. So a batch larger than a second's worth passes, and is paid for afterwards; on the average the rate is kept.
 *
 * <p>Not safe for several threads. Times are milliseconds of any one clock; one that goes back stands still here.
 */
public final class TokenBucket {

    /** No limit. */
    public static final long UNLIMITED = Long.MAX_VALUE;

    private long bytesPerSecond = UNLIMITED;
    private double bytes;
    private long filledMs = Long.MIN_VALUE;

    /** Sets the rate; a bucket that gets one for the first time is full. At least 1 byte per second. */
    public void rate(long newBytesPerSecond, long nowMs) {
        if (newBytesPerSecond < 1) {
            throw new IllegalArgumentException("a rate of " + newBytesPerSecond + " bytes per second");
        }
        if (bytesPerSecond == UNLIMITED) {
            bytes = newBytesPerSecond;
            filledMs = nowMs;
        } else {
            fill(nowMs);
        }
        bytesPerSecond = newBytesPerSecond;
        bytes = Math.min(bytes, newBytesPerSecond);
    }

    public boolean isLimited() {
        return bytesPerSecond != UNLIMITED;
    }

    /** When something may be taken: {@code nowMs} if at once. */
    public long openAtMs(long nowMs) {
        if (!isLimited()) {
            return nowMs;
        }
        fill(nowMs);
        return bytes > 0 ? nowMs : nowMs + (long) Math.ceil((1 - bytes) * 1_000 / bytesPerSecond);
    }

    /** Takes, into debt if need be. */
    public void take(long taken, long nowMs) {
        if (isLimited()) {
            fill(nowMs);
            bytes -= taken;
        }
    }

    private void fill(long nowMs) {
        if (nowMs > filledMs) {
            bytes = Math.min(bytesPerSecond, bytes + (nowMs - filledMs) * (double) bytesPerSecond / 1_000);
            filledMs = nowMs;
        }
    }
}
