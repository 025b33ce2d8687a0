// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.recovery;

import io.tailrace.log.LogConfig.SegmentConfig;
import io.tailrace.log.compaction.SegmentSwap;
import io.tailrace.log.disk.StorageException;
import io.tailrace.log.disk.StorageException.Kind;
import io.tailrace.log.epoch.EpochStart;
import io.tailrace.log.epoch.LeaderEpochs;
import io.tailrace.log.epoch.MalformedCheckpointException;
import io.tailrace.log.producer.ProducerLimits;
import io.tailrace.log.segment.SegmentFiles;
import io.tailrace.log.segment.SegmentListing;
import io.tailrace.log.segment.Segments;
import io.tailrace.log.segment.Unsynced;
import io.tailrace.log.segment.Workbench;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * Opens a log from its directory, after a clean stop or a crash alike.
 *
 * <p>All below the <em>recovery point</em> was synced and is believed; all above it may be torn, so it is read and checked
 * batch by batch, and cut off at the first that is not sound. After a clean stop the recovery point is the end, and nothing
 * but the last few kilobytes is read. What can be derived from the segments (indexes, epochs, producers) is made anew where it
 * is missing or wrong.
 *
 * <p>A batch that is not sound <em>below</em> the recovery point is another matter: it was promised. Then nothing is cut or
 * deleted; a {@link StorageException} of kind CORRUPT puts the log offline for people, or a healthy replica, to mend.
 */
public final class LogLoader {

    /** The file that holds the history of leader epochs. */
    public static final String LEADER_EPOCHS = "leader-epoch-checkpoint";

    private final Workbench bench;
    private final ProducerLimits producerLimits;
    private final Consumer<Path> retired;
    private final long nowMs;

    /** @param retired is told the files that only wait for their removal */
    public LogLoader(Workbench bench, ProducerLimits producerLimits, Consumer<Path> retired, long nowMs) {
        this.bench = bench;
        this.producerLimits = producerLimits;
        this.retired = retired;
        this.nowMs = nowMs;
    }

    /**
     * @param pendingEpochs leader epochs that may not be in their file yet
     * @param recoveryPoint the end (exclusive) of what is known to be synced in the segments; 0 if nothing is known
     * @param logStartOffset as last written down; 0 if never
     * @param forgottenUpTo as last written down: which producers the log may have known once, and its snapshots not
     */
    public LoadedLog load(
            Path directory,
            SegmentConfig config,
            long recoveryPoint,
            long logStartOffset,
            List<EpochStart> pendingEpochs,
            long forgottenUpTo,
            Unsynced unsynced) {
        SegmentListing listing = new SegmentListing(bench.disk(), directory);
        if (listing.names().stream().anyMatch(SegmentSwap::isUnfinished)) {
            SegmentSwap.recover(bench.disk(), directory);
            listing = new SegmentListing(bench.disk(), directory);
        }
        retireLeftovers(listing);
        TailRecovery.Recovered tail =
                new TailRecovery(bench, listing, config, retired).run(recoveryPoint, logStartOffset);
        Segments segments = new Segments(bench, directory, tail.segments(), unsynced, retired, nowMs);
        if (tail.isChanged()) {
            segments.trimFiles();
        }
        long start = Math.max(logStartOffset, segments.first().baseOffset());
        if (start > segments.endOffset()) {
            segments.restartAt(start); // all that was left lies below the log's start
        }
        LeaderEpochs epochs = epochs(listing, segments, pendingEpochs, tail.checkedFromOffset());
        epochs.truncateFromStart(start);
        epochs.truncateFromEnd(segments.endOffset() + 1);
        long believedBelow = tail.isClean() ? segments.endOffset() : tail.checkedFromOffset();
        var producers = new ProducerLoader(bench, listing, producerLimits, nowMs)
                .load(segments, start, believedBelow, forgottenUpTo);
        return new LoadedLog(segments, epochs, producers, start, tail.isChanged());
    }

    private void retireLeftovers(SegmentListing listing) {
        for (String name : listing.names()) {
            if (name.endsWith(SegmentFiles.DELETED) || name.endsWith(DurableFile.TEMPORARY)) {
                retired.accept(listing.directory().resolve(name));
            }
        }
    }

    private LeaderEpochs epochs(
            SegmentListing listing, Segments segments, List<EpochStart> pending, long checkedFromOffset) {
        LeaderEpochs epochs = new LeaderEpochs();
        boolean isWhole = !pending.isEmpty()
                && pending.getFirst().startOffset() <= segments.first().baseOffset();
        if (listing.has(LEADER_EPOCHS)) {
            Path file = listing.directory().resolve(LEADER_EPOCHS);
            try {
                epochs = LeaderEpochs.fromCheckpoint(
                        DurableFile.read(bench.disk(), file).orElse(new byte[0]));
                isWhole = true;
            } catch (MalformedCheckpointException e) {
                // Torn by hand or by another program: the batches know as well.
            }
        }
        for (EpochStart epoch : pending) {
            if (epoch.startOffset() <= segments.endOffset()) {
                epochs.assign(epoch.epoch(), epoch.startOffset());
            }
        }
        if (!isWhole) {
            epochs.clear(); // all of the history is in the batches, but for epochs that wrote none
        }
        takeEpochs(
                epochs, segments, isWhole ? checkedFromOffset : segments.first().baseOffset());
        if (!isWhole) {
            EpochStart last = pending.isEmpty() ? null : pending.getLast();
            if (last != null && last.epoch() > epochs.latestEpoch() && last.startOffset() <= segments.endOffset()) {
                epochs.assign(last.epoch(), last.startOffset());
            }
        }
        return epochs;
    }

    private static void takeEpochs(LeaderEpochs epochs, Segments segments, long fromOffset) {
        segments.walk(fromOffset, batch -> {
            if (batch.partitionLeaderEpoch() >= 0) {
                epochs.assign(batch.partitionLeaderEpoch(), batch.baseOffset());
            }
        });
    }

    /** Fails the load: what was promised cannot be read. */
    static StorageException corrupt(String message) {
        return new StorageException(Kind.CORRUPT, message);
    }
}
