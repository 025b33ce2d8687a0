// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import io.tailrace.log.ShardLogConfig;
import io.tailrace.log.producer.ProducerLimits;

/**
 * The configuration of log shards.
 *
 * @param maxOpenFiles segment and index files that each shard keeps open between uses
 * @param minFreeBytes with less free in a log directory, producers are refused retriably
 * @param retentionCheckMs how often old segments are looked for
 * @param producerIdExpirationMs a partition forgets a producer that is silent for so long
 * @param replicaLagMaxMs {@code replica.lag.time.max.ms}: a follower that was not caught up for so long is out of sync
 * @param followersServe whether consumers read from followers (KIP-392), who then hear at once of what is committed
 */
public record ShardRules(
        int nodeId,
        int maxOpenFiles,
        long minFreeBytes,
        long retentionCheckMs,
        long producerIdExpirationMs,
        long replicaLagMaxMs,
        boolean followersServe) {

    ShardLogConfig config(int shard) {
        return new ShardLogConfig(
                shard,
                maxOpenFiles,
                minFreeBytes,
                ShardLogConfig.DEFAULT_CHECKPOINT_INTERVAL_MS,
                new ProducerLimits(producerIdExpirationMs, false));
    }
}
