// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication;

import org.apache.kafka.common.protocol.Errors;

/**
 * What a {@link LeaderReplica} takes in.
 *
 * @param <T> the host's handle for a waiting append
 */
public sealed interface LeaderEvent<T> {

    /**
     * This node leads from now on, in {@code replicas.leaderEpoch()}.
     *
     * @param logEndOffset of the local log: where the epoch starts
     * @param durableEndOffset of the local log
     */
    record Elected<T>(ReplicaSet replicas, long logEndOffset, long durableEndOffset) implements LeaderEvent<T> {}

    /** The replicas, those in sync or the topic's minimum changed; the leader did not. An older partition epoch is ignored. */
    record ReplicasChanged<T>(ReplicaSet replicas) implements LeaderEvent<T> {}

    /** This node leads no longer, or the partition is gone. */
    record Resigned<T>(Errors error) implements LeaderEvent<T> {}

    /** Somebody wants to append. @param leaderEpoch the epoch he believes in, or -1 */
    record AppendRequested<T>(T ticket, short acks, int leaderEpoch) implements LeaderEvent<T> {}

    /** The log took the batches of a ticket, or had them already; they end at {@code endOffset} (exclusive). */
    record Appended<T>(T ticket, short acks, long endOffset) implements LeaderEvent<T> {}

    /** The local log is durable up to here (exclusive). */
    record Synced<T>(long durableEndOffset) implements LeaderEvent<T> {}

    /** A write failed: whatever lies at or above {@code logEndOffset} is void. */
    record WriteFailed<T>(long logEndOffset, Errors error) implements LeaderEvent<T> {}

    /** The time to wait for a ticket is over. */
    record Expired<T>(T ticket) implements LeaderEvent<T> {}

    /**
     * A follower fetched, and its log was found to be a prefix of this one: no divergence, no offset out of range.
     *
     * @param brokerEpoch of the follower's node
     * @param leaderEpoch that the follower believes in; only the current one counts
     * @param fetchOffset where its disk ends (exclusive)
     * @param logEndOffset of the local log at this moment
     * @param logStartOffset of the follower's log
     */
    record FollowerFetched<T>(
            int nodeId, long brokerEpoch, int leaderEpoch, long fetchOffset, long logEndOffset, long logStartOffset)
            implements LeaderEvent<T> {}

    /**
     * What the controller said to {@link LeaderEffect.AlterIsr}, or that it said nothing.
     *
     * @param leaderEpoch of the effect
     * @param partitionEpoch of the effect
     * @param error NONE: the image with the change comes by {@link ReplicasChanged}
     */
    record AlterIsrAnswered<T>(int leaderEpoch, int partitionEpoch, Errors error) implements LeaderEvent<T> {}

    /** Time has passed; to be said about twice in {@code replica.lag.time.max.ms}. @param logEndOffset of the local log */
    record Ticked<T>(long logEndOffset) implements LeaderEvent<T> {}
}
