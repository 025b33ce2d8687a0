// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.journal.JournalPolicy;
import io.tailrace.log.producer.ProducerLimits;

/**
 * What a shard's logs have in common.
 *
 * @param shard index of this shard in the node, from 0; names its files in each log directory
 * @param maxOpenFiles segment and index files kept open between uses; the least recently used ones are closed beyond it
 * @param minFreeBytes with less usable space than this in a log directory, producers are rejected retriably and fetches go on
 * @param checkpointIntervalMs how often the recovery points are written; bounds what a start after a crash has to read
 * @param producers how producers are remembered
 * @param journal which appends go through the journal
 */
public record ShardLogConfig(
        int shard,
        int maxOpenFiles,
        long minFreeBytes,
        long checkpointIntervalMs,
        ProducerLimits producers,
        JournalPolicy journal) {

    public static final int DEFAULT_MAX_OPEN_FILES = 512;
    public static final long DEFAULT_MIN_FREE_BYTES = 64L << 20;
    public static final long DEFAULT_CHECKPOINT_INTERVAL_MS = 60_000;

    public ShardLogConfig {
        if (shard < 0 || maxOpenFiles < 1 || minFreeBytes < 0 || checkpointIntervalMs < 1) {
            throw new IllegalArgumentException("a number is out of range");
        }
    }

    /** With the journal as it is by default. */
    public ShardLogConfig(
            int shard, int maxOpenFiles, long minFreeBytes, long checkpointIntervalMs, ProducerLimits producers) {
        this(shard, maxOpenFiles, minFreeBytes, checkpointIntervalMs, producers, JournalPolicy.DEFAULT);
    }

    public static ShardLogConfig of(int shard) {
        return new ShardLogConfig(
                shard,
                DEFAULT_MAX_OPEN_FILES,
                DEFAULT_MIN_FREE_BYTES,
                DEFAULT_CHECKPOINT_INTERVAL_MS,
                ProducerLimits.DEFAULT);
    }
}
