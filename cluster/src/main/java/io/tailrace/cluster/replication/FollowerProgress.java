// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication;

/**
 * What a leader knows of one follower, from its fetches.
 *
 * <p>A follower asks for the offset at which its disk ends. It is <em>caught up</em> at the latest time at which it had all that the leader had
 * then: a fetch at the leader's end says so of now, a fetch at what was the leader's end at the fetch before says so of that time. So a follower
 * that keeps reading at the pace of the producers stays in sync though it never stands at the end.
 */
final class FollowerProgress {

    private static final long NEVER = Long.MIN_VALUE / 2;

    private long endOffset = -1;
    private long logStartOffset = -1;
    private long brokerEpoch = -1;
    private long lastCaughtUpMs;
    private long lastFetchMs = NEVER;
    private long leaderEndAtLastFetch = -1;

    /** @param inSync whether it counts as caught up until it is proved late */
    FollowerProgress(boolean inSync, long nowMs) {
        lastCaughtUpMs = inSync ? nowMs : NEVER;
    }

    /** The end (exclusive) of what is on its disk, or -1 if it has not fetched in this leader epoch. */
    long endOffset() {
        return endOffset;
    }

    /** What it has deleted: where its log starts, or -1 if it has not fetched in this leader epoch. */
    long logStartOffset() {
        return logStartOffset;
    }

    long brokerEpoch() {
        return brokerEpoch;
    }

    /** Takes in a fetch. A later start of the node begins anew; an earlier one is past. */
    void fetched(LeaderEvent.FollowerFetched<?> fetch, long nowMs) {
        if (fetch.brokerEpoch() < brokerEpoch) {
            return;
        }
        if (fetch.brokerEpoch() > brokerEpoch) {
            lastCaughtUpMs = brokerEpoch < 0 ? lastCaughtUpMs : NEVER;
            brokerEpoch = fetch.brokerEpoch();
            endOffset = -1;
            logStartOffset = -1;
            leaderEndAtLastFetch = -1;
        }
        long fetchOffset = fetch.fetchOffset();
        long leaderEndOffset = fetch.logEndOffset();
        if (fetchOffset >= leaderEndOffset) {
            lastCaughtUpMs = Math.max(lastCaughtUpMs, nowMs);
        } else if (leaderEndAtLastFetch >= 0 && fetchOffset >= leaderEndAtLastFetch) {
            lastCaughtUpMs = Math.max(lastCaughtUpMs, lastFetchMs);
        }
        endOffset = Math.max(endOffset, fetchOffset); // the network may bring an earlier fetch late
        logStartOffset = Math.max(logStartOffset, fetch.logStartOffset());
        leaderEndAtLastFetch = leaderEndOffset;
        lastFetchMs = nowMs;
    }

    /** Whether it has all, or had all that there was at most {@code lagMs} ago. */
    boolean isCaughtUp(long leaderEndOffset, long nowMs, long lagMs) {
        return endOffset >= leaderEndOffset || nowMs - lastCaughtUpMs <= lagMs;
    }
}
