// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.coordinator;

import java.util.List;

/** What one append to a coordinator partition holds; one record batch. */
public sealed interface Batch {

    /** The producer id of a batch that is part of no transaction. */
    long NO_PRODUCER_ID = -1L;

    /** The epoch that goes with {@link #NO_PRODUCER_ID}. */
    short NO_PRODUCER_EPOCH = -1;

    /**
     * Records.
     *
     * @param producerId whose transaction this is part of, or {@link #NO_PRODUCER_ID}
     * @param timestampMs of every record in the batch
     */
    record Records(long producerId, short producerEpoch, long timestampMs, List<EncodedRecord> records)
            implements Batch {
        public Records {
            records = List.copyOf(records);
        }

        public boolean transactional() {
            return producerId != NO_PRODUCER_ID;
        }
    }

    /** The end of a producer's transaction: a control batch with one marker. */
    record Marker(long producerId, short producerEpoch, int coordinatorEpoch, long timestampMs, boolean committed)
            implements Batch {}
}
