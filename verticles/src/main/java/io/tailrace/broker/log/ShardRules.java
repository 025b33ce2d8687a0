// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import io.tailrace.log.ShardLogConfig;
import io.tailrace.log.producer.ProducerLimits;

/**
 * The configuration of log shards.
 *
 * @param minFreeBytes with less free in a log directory, producers are refused retriably
 * @param retentionCheckMs how often old segments are looked for
 * @param producerIdExpirationMs a partition forgets a producer that is silent for so long
 */
public record ShardRules(int nodeId, long minFreeBytes, long retentionCheckMs, long producerIdExpirationMs) {

    ShardLogConfig config(int shard) {
        return new ShardLogConfig(
                shard,
                ShardLogConfig.DEFAULT_MAX_OPEN_FILES,
                minFreeBytes,
                ShardLogConfig.DEFAULT_CHECKPOINT_INTERVAL_MS,
                new ProducerLimits(producerIdExpirationMs, false));
    }
}
