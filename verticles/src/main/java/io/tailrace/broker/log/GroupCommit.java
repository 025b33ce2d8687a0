// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import io.tailrace.broker.metrics.LogMeters;
import io.tailrace.cluster.replication.LeaderEvent;
import io.tailrace.log.LogFailure;
import io.tailrace.log.ShardLog;
import io.tailrace.log.SyncTicket;
import io.tailrace.log.TurnEnd;
import io.tailrace.log.disk.StorageException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends turns: one write per partition, and one sync for all that was written while the last sync ran.
 *
 * <p>A sync blocks a thread of its own, so that the shard goes on taking requests meanwhile; what those write is the next round. Where nobody
 * waits, and the disk is quick and had nothing to do, the shard's thread does it itself, once all answers of the turn have left: two threads waking each other
 * cost as much as the sync. One sync is out at a time. A sync that failed is never tried again: the kernel may have dropped the very pages (fsyncgate), so what it covered is
 * offline.
 */
final class GroupCommit {

    private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);

    /** On a disk that has been slower than this, the shard's thread never waits: what it keeps from its readers would be felt. */
    private static final long QUICK_NANOS = 1_000_000;

    private final Appends appends;
    private final Reads reads;
    private final Followers followers;
    private final HostedPartitions partitions;
    private final ShardLog shardLog;
    private final Surroundings around;
    private final WorkerExecutor syncThread;
    private final WorkerExecutor journalThread;

    /** Who is told that a log is offline. */
    @FunctionalInterface
    interface LogLoss {
        /** @param wasLast whether no log of the shard is left */
        void tell(boolean wasLast);
    }

    /** What a shard's commits need that is not of the shard: threads to sync on, figures to tell, and somebody to tell of losses. */
    record Surroundings(Vertx vertx, LogMeters meters, SyncHelpers helpers, LogLoss onLogLost) {}

    /** What was written since the sync that is out now began. */
    private final List<HostedPartition> written = new ArrayList<>();

    private boolean syncing;
    private boolean tidying;

    /** What syncs have taken lately, the newer weighing more. Written by who syncs; one does at a time, and the hand-over orders them. */
    private long usualNanos;

    /** When the last sync ended, by {@link System#nanoTime}. */
    private long endedNanos = System.nanoTime();

    /** To be done by {@link #syncInPlace}. */
    private @Nullable Runnable inPlace;

    /** Completed when no sync is out any more. */
    private Promise<Void> idle = Promise.promise();

    GroupCommit(
            Surroundings around,
            int shard,
            Appends appends,
            Reads reads,
            Followers followers,
            HostedPartitions partitions) {
        this.around = around;
        this.appends = appends;
        this.reads = reads;
        this.followers = followers;
        this.partitions = partitions;
        this.shardLog = partitions.shardLog();
        this.syncThread = around.vertx().createSharedWorkerExecutor("tailrace-sync-" + shard, 1);
        this.journalThread = around.vertx().createSharedWorkerExecutor("tailrace-journal-" + shard, 1);
    }

    /**
     * Writes what the turn staged and, unless one is out, starts a sync or has it wait for {@link #syncInPlace}.
     *
     * @param isQuiet whether no request waits for the shard's thread
     * @param afterSync runs on the shard's thread after the sync
     */
    void endTurn(boolean isQuiet, long nowMs, Runnable afterSync) {
        List<HostedPartition> touched = appends.takeTouched();
        if (touched.isEmpty() && (syncing || written.isEmpty())) {
            return;
        }
        endTurn(touched, isQuiet, nowMs, afterSync);
    }

    /** Does the sync that the turn left to this thread, if it left one. To be called when the answers of the turn are on their way. */
    void syncInPlace() {
        Runnable due = inPlace;
        if (due != null) {
            inPlace = null;
            due.run();
        }
    }

    /** As {@link #endTurn}, also if nothing was appended: for what is due by time, and for what a crash left unsynced. */
    void endIdleTurn(long nowMs, Runnable afterSync) {
        if (!syncing) {
            written.addAll(partitions.all());
        }
        endTurn(appends.takeTouched(), false, nowMs, afterSync);
    }

    private void endTurn(List<HostedPartition> touched, boolean isQuiet, long nowMs, Runnable afterSync) {
        TurnEnd end = shardLog.endTurn(nowMs);
        end.failures().forEach(failure -> fail(failure, nowMs));
        for (HostedPartition partition : touched) {
            reads.onWritten(partition, nowMs);
            followers.written(partition, nowMs);
            synced(partition, nowMs);
        }
        written.addAll(touched);
        if (end.ticket().isEmpty()) {
            if (!syncing) {
                written.clear();
            }
        } else {
            sync(end.ticket(), isQuiet, afterSync);
        }
        tidyJournal();
    }

    /** Makes the journal's files, and frees them, on a thread that no append waits for. */
    void tidyJournal() {
        SyncTicket ticket = shardLog.backgroundTicket();
        if (ticket.isEmpty()) {
            return;
        }
        tidying = true;
        blocking(journalThread, () -> ticket.sync(around.helpers())).onComplete(done -> {
            tidying = false;
            if (done.succeeded()) {
                shardLog.onSynced(ticket);
            } else {
                onFailed(ticket, done.cause(), System.currentTimeMillis());
            }
            completeIdle();
        });
    }

    private void sync(SyncTicket ticket, boolean isQuiet, Runnable afterSync) {
        List<HostedPartition> covered = new ArrayList<>(written);
        written.clear();
        syncing = true;
        if (isQuiet && ticket.isOneFile() && isDiskQuickAndIdle()) {
            inPlace = () -> {
                RuntimeException failure = null;
                try {
                    timed(ticket);
                } catch (RuntimeException e) {
                    failure = e;
                }
                onOutcome(ticket, failure, covered, afterSync);
            };
        } else {
            blocking(syncThread, () -> timed(ticket))
                    .onComplete(done -> onOutcome(ticket, done.cause(), covered, afterSync));
        }
    }

    /** Where one sync follows the other, taking requests meanwhile is worth more than the two threads' handshake. */
    private boolean isDiskQuickAndIdle() {
        return usualNanos < QUICK_NANOS && System.nanoTime() - endedNanos > usualNanos;
    }

    private void timed(SyncTicket ticket) {
        long began = System.nanoTime();
        ticket.sync(around.helpers());
        long nanos = System.nanoTime() - began;
        usualNanos += (nanos - usualNanos) / 8;
        around.meters().synced(nanos);
    }

    private void onOutcome(
            SyncTicket ticket, @Nullable Throwable failure, List<HostedPartition> covered, Runnable afterSync) {
        syncing = false;
        endedNanos = System.nanoTime();
        long nowMs = System.currentTimeMillis();
        if (failure == null) {
            shardLog.onSynced(ticket);
        } else {
            onFailed(ticket, failure, nowMs);
        }
        covered.forEach(partition -> synced(partition, nowMs));
        afterSync.run();
        completeIdle();
    }

    private void synced(HostedPartition partition, long nowMs) {
        appends.step(partition, new LeaderEvent.Synced<>(partition.log().durableEndOffset()), nowMs);
        followers.synced(partition, nowMs);
    }

    /**
     * Not ordered: Vert.x would put both threads' work into one queue of this context, and an append's sync behind the journal's. One
     * ticket of a kind is out at a time, which is order enough.
     */
    private static Future<Boolean> blocking(WorkerExecutor thread, Runnable sync) {
        return thread.executeBlocking(
                () -> {
                    sync.run();
                    return true;
                },
                false);
    }

    private void completeIdle() {
        if (!syncing && !tidying) {
            Promise<Void> waiting = idle;
            idle = Promise.promise();
            waiting.complete();
        }
    }

    private void onFailed(SyncTicket ticket, Throwable cause, long nowMs) {
        StorageException storage = cause instanceof StorageException known
                ? known
                : new StorageException(StorageException.Kind.IO, "sync failed", cause);
        shardLog.onSyncFailed(ticket, storage).forEach(failure -> fail(failure, nowMs));
    }

    private void fail(LogFailure failure, long nowMs) {
        LOG.error(
                "topic={} partition={}: write failed, {}",
                failure.partition().topic(),
                failure.partition().partition(),
                failure.isRetriable() ? "no space left" : "the log is offline",
                failure.cause());
        HostedPartition partition = partitions.hosted(failure.partition());
        if (partition != null) {
            long end = failure.isRetriable() ? partition.log().logEndOffset() : -1;
            appends.step(partition, new LeaderEvent.WriteFailed<>(end, Errors.KAFKA_STORAGE_ERROR), nowMs);
            followers.failed(partition, nowMs);
            if (!failure.isRetriable()) {
                appends.wakeReaders(partition, nowMs);
            }
        }
        if (!failure.isRetriable()) {
            around.onLogLost().tell(shardLog.partitions().stream().noneMatch(log -> log.isOnline()));
        }
    }

    /** Done when no sync is out and nothing waits for one. */
    Future<Void> idle() {
        return syncing || tidying ? idle.future() : Future.succeededFuture();
    }

    /** Ends the threads. To be waited for: what is left to happen then happens on the shard's thread, which has to be there still. */
    Future<?> close() {
        return Future.join(syncThread.close(), journalThread.close())
                .onFailure(failure -> LOG.warn("a sync thread did not close", failure));
    }
}
