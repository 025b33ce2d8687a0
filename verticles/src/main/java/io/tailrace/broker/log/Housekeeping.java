// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.log.PartitionLog;
import io.tailrace.log.disk.StorageException;
import io.vertx.core.Context;
import java.util.ArrayDeque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a shard does when nobody asks: retention, forgetting of producers, deletion of files, checkpoints. Each piece of work is small, and the next one waits behind
 * the requests that came meanwhile: housekeeping yields to appends.
 */
final class Housekeeping {

    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);

    /** How often the log's own small chores are looked at. */
    static final long CLEAN_UP_MS = 1_000;

    private final HostedPartitions partitions;
    private final long retentionCheckMs;
    private final ArrayDeque<PartitionKey> round = new ArrayDeque<>();
    private long nextRoundMs;
    private boolean busy;
    private boolean stopping;

    Housekeeping(HostedPartitions partitions, long retentionCheckMs, long nowMs) {
        this.partitions = partitions;
        this.retentionCheckMs = retentionCheckMs;
        this.nextRoundMs = nowMs + Math.min(retentionCheckMs, 30_000);
    }

    /** To be called every {@link #CLEAN_UP_MS}. */
    void tick(Context shard, long nowMs) {
        if (nowMs >= nextRoundMs && round.isEmpty()) {
            nextRoundMs = nowMs + retentionCheckMs;
            for (PartitionLog log : partitions.shardLog().partitions()) {
                round.add(key(log));
            }
        }
        if (!busy) {
            step(shard);
        }
    }

    private void step(Context shard) {
        long nowMs = System.currentTimeMillis();
        busy = !stopping && work(nowMs);
        if (busy) {
            shard.runOnContext(again -> step(shard));
        }
    }

    /** What is left is left to the next start. */
    void stop() {
        stopping = true;
    }

    /** Whether a next piece waits for its turn. */
    boolean isBusy() {
        return busy;
    }

    /** One small piece; true if there is more. */
    private boolean work(long nowMs) {
        PartitionKey next = round.poll();
        if (next != null) {
            try {
                retain(next, nowMs);
            } catch (StorageException offline) {
                LOG.error("topic={} partition={}: retention failed", next.topic(), next.partition(), offline);
            }
        }
        boolean more = partitions.shardLog().cleanUp(nowMs);
        return more || !round.isEmpty();
    }

    private void retain(PartitionKey key, long nowMs) {
        HostedPartition partition = partitions.find(key, nowMs);
        if (partition == null || !partition.log().isOnline()) {
            return;
        }
        partition.log().producers().expire(nowMs);
        int deleted =
                partition.log().deleteOldSegments(nowMs, partition.leader().highWatermark());
        if (deleted > 0) {
            LOG.info(
                    "topic={} partition={}: retention deleted {} segments, the log starts at {}",
                    partition.topic().name(),
                    key.partition(),
                    deleted,
                    partition.log().logStartOffset());
        }
    }

    static PartitionKey key(PartitionLog log) {
        return new PartitionKey(
                log.topicId(),
                log.topicPartition().topic(),
                log.topicPartition().partition());
    }
}
