// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.producer;

import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Transactions whose first batch waits for the coordinator's word that this partition belongs to them (KIP-890).
 *
 * <p>A guard is good for one transaction of one producer: the batch or marker that is appended next, whoever's it is, takes
 * it away, so that a verification that answers late cannot let a batch into a later transaction.
 */
final class Verifications {

    /**
     * @param lowestSequence the least sequence seen while waiting: a batch beyond it would leave a gap
     * @param bumpsEpochs whether the client speaks transactions of version 2, which begin each partition at sequence 0
     */
    record Pending(long guard, short epoch, int lowestSequence, boolean bumpsEpochs, long sinceMs) {}

    private final TreeMap<Long, Pending> byProducer = new TreeMap<>();
    private long lastGuard = TransactionTerms.NO_GUARD;

    long begin(long producerId, short epoch, int sequence, boolean bumpsEpochs, long nowMs) {
        Pending known = byProducer.get(producerId);
        if (known != null && known.epoch() == epoch) {
            int lowest = Math.min(known.lowestSequence(), sequence);
            byProducer.put(producerId, new Pending(known.guard(), epoch, lowest, bumpsEpochs, nowMs));
            return known.guard();
        }
        long guard = ++lastGuard;
        byProducer.put(producerId, new Pending(guard, epoch, sequence, bumpsEpochs, nowMs));
        return guard;
    }

    @Nullable
    Pending find(long producerId) {
        return byProducer.isEmpty() ? null : byProducer.get(producerId);
    }

    boolean confirms(long producerId, long guard) {
        Pending pending = find(producerId);
        return pending != null && guard != TransactionTerms.NO_GUARD && pending.guard() == guard;
    }

    void forget(long producerId) {
        byProducer.remove(producerId);
    }

    void expire(long beforeMs) {
        byProducer.values().removeIf(pending -> pending.sinceMs() <= beforeMs);
    }

    void clear() {
        byProducer.clear();
    }
}
