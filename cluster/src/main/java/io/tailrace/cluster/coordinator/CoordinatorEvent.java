// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.coordinator;

import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/**
 * What happens to a {@link PartitionCoordinator}.
 *
 * @param <Q> requests
 */
public sealed interface CoordinatorEvent<Q> {

    /** This node leads the partition, in this leader epoch. Repeats and older epochs are ignored. */
    record Elected<Q>(int leaderEpoch) implements CoordinatorEvent<Q> {}

    /** This node does not lead the partition any more, as of this leader epoch. */
    record Resigned<Q>(int leaderEpoch) implements CoordinatorEvent<Q> {}

    /** A part of the log, in order. Answers {@link CoordinatorEffect.Load}; a load that is not the newest is ignored. */
    record Replayed<Q>(long loadId, List<Entry> entries) implements CoordinatorEvent<Q> {
        public Replayed {
            entries = List.copyOf(entries);
        }
    }

    /** The log was read to its end. */
    record LoadFinished<Q>(long loadId) implements CoordinatorEvent<Q> {}

    /** The log could not be read. */
    record LoadFailed<Q>(long loadId, Errors error) implements CoordinatorEvent<Q> {}

    /**
     * Somebody asks.
     *
     * @param ticket unique in the life of the machine; names the request in the reply
     */
    record Requested<Q>(long ticket, Q request) implements CoordinatorEvent<Q> {}

    /** The answer to this ticket is of no use to anybody any more. */
    record Abandoned<Q>(long ticket) implements CoordinatorEvent<Q> {}

    /** The batch is below the high watermark. */
    record Appended<Q>(long batchId) implements CoordinatorEvent<Q> {}

    /** The batch was refused, or nothing is known of it; {@link AppendErrors} tells which. */
    record AppendFailed<Q>(long batchId, Errors error) implements CoordinatorEvent<Q> {}

    /** The time of {@link CoordinatorEffect.WakeAt} has come; extra wake-ups do no harm. */
    record Woken<Q>() implements CoordinatorEvent<Q> {}

    /** One thing in the log. */
    sealed interface Entry {}

    /** A record, of a transaction or ({@link Batch#NO_PRODUCER_ID}) not. */
    record Stored(CoordinatorRecord record, long producerId) implements Entry {}

    /** A transaction marker. */
    record Marked(long producerId, short producerEpoch, boolean committed) implements Entry {}
}
