// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import java.util.List;

/** Transactions and the memory of idempotent producers. */
public record TransactionConfig(
        int maxTimeoutMs,
        long transactionalIdExpirationMs,
        long producerIdExpirationMs,
        int statePartitions,
        short stateReplicationFactor,
        int stateSegmentBytes) {

    static final Key<Integer> MAX_TIMEOUT = Key.integer(
            "transaction.max.timeout.ms",
            900_000,
            1,
            "milliseconds",
            "Longest transaction timeout that a producer may ask for.");
    static final Key<Integer> ID_EXPIRATION = Key.integer(
            "transactional.id.expiration.ms",
            604_800_000,
            1,
            "milliseconds",
            "A transactional id that is unused for so long is forgotten.");
    static final Key<Integer> PRODUCER_EXPIRATION = Key.integer(
            "producer.id.expiration.ms",
            86_400_000,
            1,
            "milliseconds",
            "A partition forgets an idempotent producer that is silent for so long.");
    static final Key<Integer> STATE_PARTITIONS = Key.integer(
            "transaction.state.log.num.partitions",
            50,
            1,
            "partitions",
            "Partitions of __transaction_state. Cannot be changed once that topic exists.");
    static final Key<Integer> STATE_REPLICATION = Key.integer(
            "transaction.state.log.replication.factor",
            3,
            1,
            Short.MAX_VALUE,
            "replicas",
            "Replicas of __transaction_state; fewer where the cluster has fewer nodes when the topic is created.");
    static final Key<Integer> STATE_SEGMENT = Key.integer(
            "transaction.state.log.segment.bytes", 104_857_600, 14, "bytes", "Segment size of __transaction_state.");

    static final List<Key<?>> KEYS = List.of(
            MAX_TIMEOUT, ID_EXPIRATION, PRODUCER_EXPIRATION, STATE_PARTITIONS, STATE_REPLICATION, STATE_SEGMENT);

    static TransactionConfig from(Settings settings) {
        return new TransactionConfig(
                settings.get(MAX_TIMEOUT),
                settings.get(ID_EXPIRATION),
                settings.get(PRODUCER_EXPIRATION),
                settings.get(STATE_PARTITIONS),
                settings.get(STATE_REPLICATION).shortValue(),
                settings.get(STATE_SEGMENT));
    }
}
