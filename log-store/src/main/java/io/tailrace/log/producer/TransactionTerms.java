// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.producer;

/**
 * What an append knows of its transaction beyond the bytes of the batch.
 *
 * @param transactionVersion the level of transaction.version behind a marker: from 2 on each transaction has an epoch of its
 *     own (KIP-890), so that a marker's epoch has to be greater than that of the data
 * @param verificationGuard what {@link ProducerStates#beginVerification} gave before the coordinator was asked; 0 for none
 */
public record TransactionTerms(int transactionVersion, long verificationGuard) {

    public static final long NO_GUARD = 0;

    /** Plain and idempotent batches, and all replicated ones. */
    public static final TransactionTerms NONE = new TransactionTerms(0, NO_GUARD);

    public static TransactionTerms ofMarker(int transactionVersion) {
        return new TransactionTerms(transactionVersion, NO_GUARD);
    }

    public static TransactionTerms verified(long guard) {
        return new TransactionTerms(0, guard);
    }
}
