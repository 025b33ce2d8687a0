// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication;

import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/**
 * What a {@link LeaderReplica} takes in.
 *
 * @param <T> the host's handle for a waiting append
 */
public sealed interface LeaderEvent<T> {

    /**
     * This node leads from now on.
     *
     * @param inSyncReplicas node ids, with this node's
     * @param minInSyncReplicas {@code min.insync.replicas} of the topic, at most the number of its replicas
     * @param durableEndOffset of the local log
     */
    record Elected<T>(int leaderEpoch, List<Integer> inSyncReplicas, int minInSyncReplicas, long durableEndOffset)
            implements LeaderEvent<T> {}

    /** The in-sync replicas or the topic's minimum changed; the leader did not. */
    record InSyncReplicasChanged<T>(List<Integer> inSyncReplicas, int minInSyncReplicas) implements LeaderEvent<T> {}

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
}
