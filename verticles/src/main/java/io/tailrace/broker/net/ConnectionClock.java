// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

/** Decides from time alone whether a connection has taken too long. Pure; one event loop. */
final class ConnectionClock {

    /** What is to be done about a connection. */
    enum Verdict {
        FINE,
        IDLE,
        SLOW_FRAME,
        NOT_AUTHENTICATED,
        /** The client has taken none of its answers for several checks; a matter only while memory is short. */
        STALLED
    }

    /**
     * A connection as it is now.
     *
     * @param awaitsFrame it has sent the beginning of a frame, and we do read it
     * @param partialBytes how much of that frame has arrived
     * @param busy requests are in hand
     * @param pendingBytes responses that the client has not taken
     */
    record Observed(boolean authenticated, boolean awaitsFrame, int partialBytes, boolean busy, long pendingBytes) {}

    /** More than a reader needs that merely collects garbage. */
    private static final int STALLED_CHECKS = 3;

    private final ConnectionRules rules;
    private final long openedMs;
    private long activeMs;
    private long partialSinceMs;
    private long pendingBytes;
    private boolean active;
    private int stalledChecks;

    ConnectionClock(ConnectionRules rules, long nowMs) {
        this.rules = rules;
        this.openedMs = nowMs;
        this.activeMs = nowMs;
        this.partialSinceMs = nowMs;
    }

    /** Something happened; counted as of the next check, so that a hot connection need not look at a clock. */
    void active() {
        active = true;
    }

    /** The verdict; time counts in steps of these calls. */
    Verdict check(long nowMs, Observed now) {
        if (active || now.busy() || now.pendingBytes() != pendingBytes) {
            activeMs = nowMs;
        }
        active = false;
        stalledChecks = now.pendingBytes() > 0 && now.pendingBytes() == pendingBytes ? stalledChecks + 1 : 0;
        pendingBytes = now.pendingBytes();
        if (!now.awaitsFrame()) {
            partialSinceMs = nowMs;
        }
        if (!now.authenticated() && nowMs - openedMs > rules.authenticationMs()) {
            return Verdict.NOT_AUTHENTICATED;
        }
        if (nowMs - partialSinceMs > rules.partialFrameMs(now.partialBytes())) {
            return Verdict.SLOW_FRAME;
        }
        if (nowMs - activeMs > rules.idleMs()) {
            return Verdict.IDLE;
        }
        return stalledChecks >= STALLED_CHECKS ? Verdict.STALLED : Verdict.FINE;
    }
}
