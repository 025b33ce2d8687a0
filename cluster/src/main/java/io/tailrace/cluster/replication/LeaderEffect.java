// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication;

import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/**
 * What the host of a {@link LeaderReplica} must do.
 *
 * @param <T> the host's handle for a waiting append
 */
public sealed interface LeaderEffect<T> {

    /** Give the batches of this ticket to the log, and report back by {@link LeaderEvent.Appended}. */
    record Append<T>(T ticket) implements LeaderEffect<T> {}

    /** Tell the producer that its batches count. */
    record Acknowledge<T>(T ticket) implements LeaderEffect<T> {}

    /** Tell the producer that they do not. */
    record Refuse<T>(T ticket, Errors error) implements LeaderEffect<T> {}

    /** Let readers see up to here (exclusive). */
    record AdvanceHighWatermark<T>(long highWatermark) implements LeaderEffect<T> {}

    /**
     * Ask the controller for other in-sync replicas, and report back by {@link LeaderEvent.AlterIsrAnswered} with the same epochs. Said again by
     * a later {@link LeaderEvent.Ticked} if it did not arrive.
     *
     * @param leaderEpoch compared by the controller
     * @param partitionEpoch compared by the controller, and set
     * @param inSyncReplicas the leader among them
     */
    record AlterIsr<T>(int leaderEpoch, int partitionEpoch, List<InSyncReplica> inSyncReplicas)
            implements LeaderEffect<T> {
        public AlterIsr {
            inSyncReplicas = List.copyOf(inSyncReplicas);
        }
    }

    /** @param brokerEpoch of the start of the node that was seen to be in sync, or -1 if it has not fetched yet (KIP-903) */
    record InSyncReplica(int nodeId, long brokerEpoch) {}
}
