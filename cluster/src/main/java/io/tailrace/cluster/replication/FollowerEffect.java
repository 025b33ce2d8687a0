// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication;

/** What the host of a {@link FollowerReplica} must do, in this order, before the next step. */
public sealed interface FollowerEffect {

    /**
     * Drop all records at and above {@code offset}.
     *
     * @param belowHighWatermark something committed goes: legal after an unclean election only, and to be told to the operator
     */
    record Truncate(long offset, boolean belowHighWatermark) implements FollowerEffect {}

    /**
     * Drop all records; the log starts and ends here. The leader has nothing older.
     *
     * @param belowHighWatermark as for {@link Truncate}
     */
    record RestartAt(long offset, boolean belowHighWatermark) implements FollowerEffect {}

    /** Append the batches that came with the answer, as they are, and report by {@link FollowerEvent.Appended} or AppendRefused. */
    record Append() implements FollowerEffect {}

    /** Have what is written synced, and report by {@link FollowerEvent.Synced}. */
    record Sync() implements FollowerEffect {}

    /** Readers of this replica may see up to here (exclusive). */
    record AdvanceHighWatermark(long highWatermark) implements FollowerEffect {}

    /** The leader has dropped what is below. */
    record AdvanceLogStart(long offset) implements FollowerEffect {}
}
