// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import io.tailrace.cluster.bus.ByteBudget;
import io.tailrace.cluster.bus.Isolation;
import io.tailrace.cluster.bus.Read;
import io.tailrace.log.LogRead;
import io.tailrace.log.PartitionLog;
import io.tailrace.log.disk.StorageException;
import io.tailrace.log.epoch.EpochEnd;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Reads one partition for one fetch. Keeps no state. */
final class PartitionReader {

    private final BooleanSupplier inTouch;

    /** @param inTouch whether the controller has heard of this node just now; else another may lead what this one leads, and have more */
    PartitionReader(BooleanSupplier inTouch) {
        this.inTouch = inTouch;
    }

    /** Whether the reader must hear of this partition at once: an error, a divergence, an offset out of range. */
    boolean needsAnswer(HostedPartition partition, Read.Part part, Read request) {
        try {
            return check(partition, part, request) != Errors.NONE || divergence(partition, part) != null;
        } catch (StorageException offline) {
            return true;
        }
    }

    /** An estimate of what the partition has for this reader, at most what the reader wants of it. */
    long availableBytes(HostedPartition partition, Read.Part part, Isolation isolation) {
        PartitionLog log = partition.log();
        long end = visibleEnd(partition, isolation);
        if (part.fetchOffset() >= end || part.isHeldBack()) {
            return 0;
        }
        long records = Math.max(1, log.logEndOffset() - log.logStartOffset());
        double share = (double) (end - part.fetchOffset()) / records;
        return Math.max(1, Math.min(part.maxBytes(), (long) (share * log.sizeBytes())));
    }

    Read.Result read(HostedPartition partition, Read.Part part, Read request) {
        try {
            return readOnline(partition, part, request);
        } catch (StorageException offline) {
            return Read.Result.refused(Errors.KAFKA_STORAGE_ERROR);
        }
    }

    private Read.Result readOnline(HostedPartition partition, Read.Part part, Read request) {
        Isolation isolation = request.isolation();
        Errors error = check(partition, part, request);
        if (error != Errors.NONE) {
            return new Read.Result(
                    error,
                    LogRead.Records.empty(part.fetchOffset()),
                    partition.leader().highWatermark(),
                    -1,
                    partition.log().logStartOffset(),
                    null,
                    null);
        }
        Read.Divergence divergence = divergence(partition, part);
        boolean committed = isolation == Isolation.READ_COMMITTED;
        if (divergence != null) {
            Read.Result end = partition.atEnd(committed);
            return new Read.Result(
                    Errors.NONE,
                    end.records(),
                    end.highWatermark(),
                    end.lastStableOffset(),
                    end.logStartOffset(),
                    null,
                    divergence);
        }
        return records(partition, part, isolation, request.budget());
    }

    private Read.Result records(HostedPartition partition, Read.Part part, Isolation isolation, ByteBudget budget) {
        boolean committed = isolation == Isolation.READ_COMMITTED;
        long end = visibleEnd(partition, isolation);
        if (part.fetchOffset() >= end || part.isHeldBack()) {
            return partition.atEnd(committed);
        }
        int granted = budget.take(part.maxBytes());
        boolean first = budget.claimFirst();
        if (granted == 0 && !first) {
            return partition.atEnd(committed);
        }
        LogRead found = partition.log().read(part.fetchOffset(), granted, end, first);
        if (!(found instanceof LogRead.Records records)) {
            budget.giveBack(granted);
            if (first) {
                budget.passFirst();
            }
            return Read.Result.refused(Errors.OFFSET_OUT_OF_RANGE);
        }
        budget.giveBack((long) granted - records.sizeBytes());
        if (records.isEmpty()) {
            if (first) {
                budget.passFirst();
            }
            return partition.atEnd(committed);
        }
        long highWatermark = partition.leader().highWatermark();
        return new Read.Result(
                Errors.NONE,
                records,
                highWatermark,
                partition.log().lastStableOffset(highWatermark),
                partition.log().logStartOffset(),
                committed ? aborted(partition.log(), part.fetchOffset(), records.endOffset()) : null,
                null);
    }

    private static List<Read.AbortedTransaction> aborted(PartitionLog log, long fromOffset, long toExclusive) {
        return log.abortedTransactions(fromOffset, toExclusive).stream()
                .map(aborted -> new Read.AbortedTransaction(aborted.producerId(), aborted.firstOffset()))
                .toList();
    }

    /** What is wrong, but for a divergence, which goes before an offset out of range: it tells the reader where to go on. */
    private Errors check(HostedPartition partition, Read.Part part, Read request) {
        boolean follows = request.fromAnyReplica()
                && !partition.leader().isLeading()
                && partition.follower().isFollowing();
        Errors error = follows
                ? partition.follower().check(part.leaderEpoch())
                : partition.leader().check(part.leaderEpoch());
        if (error != Errors.NONE) {
            return error;
        }
        PartitionLog log = partition.log();
        if (!log.isOnline()) {
            return Errors.KAFKA_STORAGE_ERROR;
        }
        if (part.lastFetchedEpoch() >= 0) {
            EpochEnd end = log.epochEnd(part.lastFetchedEpoch());
            boolean isGone = part.lastFetchedEpoch() < log.latestEpoch() && end.endOffset() <= log.logStartOffset();
            if (!end.isDefined() || isGone) {
                return Errors.OFFSET_OUT_OF_RANGE; // there is nothing left to compare the reader's log with
            }
            if (divergence(partition, part) != null) {
                return Errors.NONE;
            }
        }
        if (follows && part.fetchOffset() > log.logEndOffset()) {
            return Errors.NONE; // the leader has it, which sent the reader here; it will come
        }
        if (part.fetchOffset() <= log.logEndOffset()) {
            return part.fetchOffset() < log.logStartOffset() ? Errors.OFFSET_OUT_OF_RANGE : Errors.NONE;
        }
        // A consumer that is told it is out of range goes to where it is to begin, and may commit that: what a new
        // leader has shown it must be known here.
        return request.follower() != null || inTouch.getAsBoolean()
                ? Errors.OFFSET_OUT_OF_RANGE
                : Errors.NOT_LEADER_OR_FOLLOWER;
    }

    /** Where the reader's log leaves ours: it has records of an epoch, or beyond an epoch's end, that we have not (KIP-595). */
    private static Read.@Nullable Divergence divergence(HostedPartition partition, Read.Part part) {
        if (part.lastFetchedEpoch() < 0) {
            return null;
        }
        EpochEnd end = partition.log().epochEnd(part.lastFetchedEpoch());
        return end.epoch() < part.lastFetchedEpoch() || end.endOffset() < part.fetchOffset()
                ? new Read.Divergence(end.epoch(), end.endOffset())
                : null;
    }

    private static long visibleEnd(HostedPartition partition, Isolation isolation) {
        return switch (isolation) {
            case LOG_END -> partition.log().logEndOffset();
            case READ_UNCOMMITTED -> partition.leader().highWatermark();
            case READ_COMMITTED ->
                partition.log().lastStableOffset(partition.leader().highWatermark());
        };
    }
}
