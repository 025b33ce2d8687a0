// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication;

/**
 * The end (exclusive) of what is committed of a partition, as far as this replica knows: every record below it is on the disk of every
 * in-sync replica. The truth may be further on, never further back.
 *
 * <p>A replica keeps it when it changes from follower to leader and back: what was committed once stays so. It falls only with a truncation
 * below it, which an unclean election alone can bring about.
 *
 * <p>Owned by the thread of the partition, shared by its {@link LeaderReplica} and its {@link FollowerReplica}.
 */
public final class HighWatermark {

    private long offset;

    public HighWatermark(long offset) {
        this.offset = offset;
    }

    public long offset() {
        return offset;
    }

    /** Moves up; whether that was a move. */
    boolean advanceTo(long candidate) {
        if (candidate <= offset) {
            return false;
        }
        offset = candidate;
        return true;
    }

    /** The log ends here now; whether something committed went with it. */
    boolean truncateTo(long logEndOffset) {
        if (logEndOffset >= offset) {
            return false;
        }
        offset = logEndOffset;
        return true;
    }
}
