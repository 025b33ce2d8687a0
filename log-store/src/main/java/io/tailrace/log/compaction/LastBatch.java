// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.compaction;

import io.tailrace.log.producer.ProducerDescription;

/**
 * Where the log says last what it says of a producer. That batch outlives its records, or a producer that comes back would
 * be unknown and its duplicates new.
 *
 * @param lastOffset of the producer's last data batch, inclusive; -1 if what came last is a marker
 * @param epoch the producer's
 */
public record LastBatch(long lastOffset, short epoch) {

    public static LastBatch of(ProducerDescription producer) {
        return new LastBatch(producer.lastOffset(), producer.epoch());
    }

    /**
     * Whether this is the batch. By offset, not by sequence alone, which an older epoch may have used too (KAFKA-8335).
     */
    boolean is(long batchLastOffset, boolean control, short batchEpoch) {
        return lastOffset >= 0 ? batchLastOffset == lastOffset : control && batchEpoch == epoch;
    }
}
