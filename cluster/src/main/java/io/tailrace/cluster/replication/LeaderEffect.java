// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication;

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
}
