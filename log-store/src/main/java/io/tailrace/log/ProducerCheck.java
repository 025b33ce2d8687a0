// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.producer.ProducerStates;
import io.tailrace.log.producer.ProducerVerdict;
import io.tailrace.log.producer.TransactionTerms;
import io.tailrace.protocol.record.RecordBatchView;
import org.jspecify.annotations.Nullable;

/** Asks what the log knows of its producers about the batches of an append. */
final class ProducerCheck {

    private ProducerCheck() {}

    /**
     * Checks each batch.
     *
     * @return why nothing is to be appended, or null
     */
    static @Nullable AppendResult of(
            ProducerStates producers,
            RecordBatchView batches,
            AppendOrigin origin,
            TransactionTerms terms,
            LogState log) {
        while (batches.next()) {
            switch (producers.check(batches, origin, terms)) {
                case ProducerVerdict.Accepted accepted -> {}
                case ProducerVerdict.Duplicate original -> {
                    long appendTimeMs = log.config().records().usesLogAppendTime() ? original.timestamp() : -1;
                    return new AppendResult.Duplicate(
                            original.firstOffset(), original.lastOffset() + 1, appendTimeMs, log.logStartOffset());
                }
                case ProducerVerdict.Refused refused -> {
                    return new AppendResult.Rejected(refused.error(), refused.message());
                }
            }
        }
        return null;
    }
}
