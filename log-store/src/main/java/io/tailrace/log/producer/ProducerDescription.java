// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.producer;

/**
 * A producer as DescribeProducers tells it, and as a snapshot keeps it.
 *
 * @param producerId at least 0
 * @param epoch of the producer
 * @param lastSequence -1 when no batch of this epoch is known
 * @param lastOffset of the last batch, inclusive; -1 when none is known
 * @param offsetDelta last offset less first offset of the last batch
 * @param lastTimestamp of the last batch or marker, ms
 * @param coordinatorEpoch of the coordinator that wrote the last marker; -1 when none is known
 * @param transactionFirstOffset of the ongoing transaction; -1 when there is none
 */
public record ProducerDescription(
        long producerId,
        short epoch,
        int lastSequence,
        long lastOffset,
        int offsetDelta,
        long lastTimestamp,
        int coordinatorEpoch,
        long transactionFirstOffset) {

    public boolean hasTransaction() {
        return transactionFirstOffset >= 0;
    }

    public boolean hasBatch() {
        return lastOffset >= 0;
    }
}
