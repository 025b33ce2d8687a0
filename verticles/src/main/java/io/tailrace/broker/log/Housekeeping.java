// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.log.LogFailure;
import io.tailrace.log.PartitionLog;
import io.tailrace.log.RemovalTicket;
import io.tailrace.log.disk.StorageException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.ArrayDeque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a shard does when nobody asks: recovery after a crash, retention, forgetting of producers, deletion of files, checkpoints. Each piece of work is small, and the next one waits behind
 * the requests that came meanwhile: housekeeping yields to appends. Files are deleted by another thread.
 */
final class Housekeeping {

    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);

    /** How often the log's own small chores are looked at. */
    static final long CLEAN_UP_MS = 1_000;

    private final HostedPartitions partitions;
    private final Runnable onLogLost;
    private final long retentionCheckMs;

    /** One for the node: deleting is no hurry, and its disk has other things to do. */
    private final WorkerExecutor removalThread;

    private final ArrayDeque<PartitionKey> round = new ArrayDeque<>();
    private long nextRoundMs;
    private boolean busy;
    private boolean removing;
    private boolean stopping;

    Housekeeping(Vertx vertx, HostedPartitions partitions, Runnable onLogLost, long retentionCheckMs, long nowMs) {
        this.onLogLost = onLogLost;
        this.removalThread = vertx.createSharedWorkerExecutor("tailrace-removal", 1);
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
        partitions.shardLog().tick(nowMs);
        if (!busy) {
            step(shard);
        }
        if (!removing) {
            remove(nowMs);
        }
    }

    private void remove(long nowMs) {
        RemovalTicket ticket = partitions.shardLog().removals(nowMs);
        removing = !stopping && !ticket.isEmpty();
        if (removing) {
            removalThread
                    .executeBlocking(
                            () -> {
                                ticket.remove();
                                return true;
                            },
                            false)
                    .onFailure(failure -> LOG.warn("a deleted file is left to the next start", failure))
                    .onComplete(done -> remove(System.currentTimeMillis()));
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

    /** Whether a next piece waits for its turn, or files are being removed. */
    boolean isBusy() {
        return busy || removing;
    }

    /** To be waited for, once nothing is {@linkplain #isBusy busy}. */
    Future<?> close() {
        return removalThread.close();
    }

    /** One small piece; true if there is more. */
    private boolean work(long nowMs) {
        if (partitions.shardLog().recoverNext(this::unrecoverable)) {
            return true;
        }
        PartitionKey next = round.poll();
        if (next != null) {
            try {
                retain(next, nowMs);
            } catch (StorageException offline) {
                LOG.error("topic={} partition={}: retention failed", next.topic(), next.partition(), offline);
            }
        }
        return !round.isEmpty();
    }

    private void retain(PartitionKey key, long nowMs) {
        if (!partitions.mayHaveOldSegments(key, nowMs)) {
            return;
        }
        HostedPartition partition = partitions.find(key, nowMs);
        if (partition == null || !partition.log().isOnline()) {
            return;
        }
        partition.log().expireProducers(nowMs);
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

    private void unrecoverable(LogFailure failure) {
        onLogLost.run();
        LOG.error("log {} is offline: it cannot be recovered", failure.partition(), failure.cause());
    }

    static PartitionKey key(PartitionLog log) {
        return new PartitionKey(
                log.topicId(),
                log.topicPartition().topic(),
                log.topicPartition().partition());
    }
}
