// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.producer;

import io.tailrace.log.txn.AbortedTransaction;

/**
 * A transaction whose marker was appended. An aborted one goes into the transaction index before {@link
 * ProducerStates#complete} lets the stable offset move past it.
 *
 * @param producerId whose transaction it was
 * @param firstOffset of its first record in this partition
 * @param lastOffset of the marker, inclusive
 * @param aborted or committed
 * @param lastStableOffset the last stable offset as it is with this transaction done, apart from replication
 */
public record CompletedTransaction(
        long producerId, long firstOffset, long lastOffset, boolean aborted, long lastStableOffset) {

    /** The entry for the transaction index; of an aborted transaction only. */
    public AbortedTransaction indexEntry() {
        if (!aborted) {
            throw new IllegalStateException(this + " was committed");
        }
        return new AbortedTransaction(producerId, firstOffset, lastOffset, lastStableOffset);
    }
}
