// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.coordinator;

import org.apache.kafka.common.protocol.Errors;

/**
 * What a {@link PartitionCoordinator} wants done.
 *
 * @param <A> answers
 */
public sealed interface CoordinatorEffect<A> {

    /**
     * Read the partition from its first record to the end that the log has now, and wait until the high watermark is there: what an earlier
     * append of unknown fate left in the log is part of the state. Feed it back in bounded parts as {@link CoordinatorEvent.Replayed}, each
     * read after the last was taken in, then {@link CoordinatorEvent.LoadFinished}.
     *
     * @param loadId goes back with every event of this load; a newer load makes older ones void
     */
    record Load<A>(long loadId, int leaderEpoch) implements CoordinatorEffect<A> {}

    /**
     * Write to the partition with acks=all, fenced by the leader epoch; answer with {@link CoordinatorEvent.Appended} once the batch is below
     * the high watermark, or {@link CoordinatorEvent.AppendFailed}. There is never more than one append under way.
     */
    record Append<A>(long batchId, int leaderEpoch, Batch batch) implements CoordinatorEffect<A> {}

    /** Answer a request. */
    record Reply<A>(long ticket, A answer) implements CoordinatorEffect<A> {}

    /** Answer a request with an error that is the runtime's, not the coordinator's: loading, not here, not written. */
    record Refuse<A>(long ticket, Errors error) implements CoordinatorEffect<A> {}

    /** Send {@link CoordinatorEvent.Woken} at this time; replaces an earlier wake-up. */
    record WakeAt<A>(long atMs) implements CoordinatorEffect<A> {}
}
