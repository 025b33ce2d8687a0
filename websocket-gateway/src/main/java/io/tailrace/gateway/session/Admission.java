// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

/**
 * How fast connections are taken in, for when all come at once: after a network was cut, or another node went. A token bucket, kept as the time
 * at which it will be full again (the virtual scheduling of ITU-T I.371). Who finds it empty is told to wait for a token of its own; where too
 * many wait already, when to ask again. Those who are sent away are counted, each gets a time behind the one before, and so they come back no
 * faster than they can be taken.
 *
 * <p>Pure; belongs to one event loop.
 */
public final class Admission {

    /** Nobody is told to stay away longer. */
    static final int LONGEST_RETRY_S = 120;

    private static final long SECOND_NS = 1_000_000_000L;

    private final long eachNs;
    private final long burstNs;
    private final long waitNs;

    /** When the bucket is full again. */
    private long fullNs;

    /** Sent away since it was last empty. */
    private long sentAway;

    /**
     * How many.
     *
     * @param perSecond tokens that are added each second; at least 1
     * @param burst tokens in a full bucket; at least 1
     * @param held how many may wait for a token; each keeps what belongs to a connection that is not open yet
     */
    public record Terms(int perSecond, int burst, int held) {}

    /** @param nowNs of the clock that {@link #step} will be told */
    public Admission(Terms terms, long nowNs) {
        this.eachNs = SECOND_NS / terms.perSecond();
        this.burstNs = terms.burst() * eachNs;
        this.waitNs = terms.held() * eachNs;
        this.fullNs = nowNs;
    }

    /** What to do with somebody who comes. */
    public sealed interface Verdict {

        /** @param waitNs let it in after this time; 0 for now */
        record Enter(long waitNs) implements Verdict {}

        /** @param retryAfterS send it away, to come back after this time; at least 1 */
        record Later(int retryAfterS) implements Verdict {}
    }

    /** Somebody comes. @param nowNs of a clock that does not go back */
    public Verdict step(long nowNs) {
        long behindNs = Math.max(0, fullNs - nowNs) + eachNs - burstNs;
        if (behindNs > waitNs) {
            sentAway++;
            long seconds = Math.ceilDiv(behindNs + sentAway * eachNs, SECOND_NS);
            return new Verdict.Later((int) Math.min(LONGEST_RETRY_S, seconds));
        }
        fullNs = nowNs + behindNs + burstNs;
        if (behindNs > 0) {
            return new Verdict.Enter(behindNs);
        }
        sentAway = 0;
        return new Verdict.Enter(0);
    }

    /** How long it takes to let that many in, once the bucket is empty. */
    public long spreadMs(int count) {
        return count * eachNs / 1_000_000;
    }
}
