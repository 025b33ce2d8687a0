// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.producer;

import java.util.concurrent.TimeUnit;

/**
 * Broker settings about producers.
 *
 * @param expirationMs {@code producer.id.expiration.ms}: how long an idle producer is remembered
 * @param verifiesTransactions {@code transaction.partition.verification.enable}: whether the first batch of a transaction
 *     needs a guard from {@link ProducerStates#beginVerification}
 */
public record ProducerLimits(long expirationMs, boolean verifiesTransactions) {

    public static final ProducerLimits DEFAULT = new ProducerLimits(TimeUnit.DAYS.toMillis(1), false);

    public ProducerLimits {
        if (expirationMs < 1) {
            throw new IllegalArgumentException(
                    "producer.id.expiration.ms is " + expirationMs + ", has to be at least 1");
        }
    }
}
