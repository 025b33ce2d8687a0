// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.compaction.ClaimedPlan;
import io.tailrace.log.compaction.CleanableLog;
import io.tailrace.log.compaction.CleaningClaim;
import io.tailrace.log.compaction.CompactionPlan;
import io.tailrace.log.compaction.CompactionPolicy;
import io.tailrace.log.compaction.CompactionResult.Replacement;
import io.tailrace.log.compaction.LastBatch;
import io.tailrace.log.compaction.SealedSegment;
import io.tailrace.log.compaction.SegmentSwap;
import io.tailrace.log.disk.Disk;
import io.tailrace.log.producer.ProducerDescription;
import io.tailrace.log.recovery.LoadedLog;
import io.tailrace.log.segment.Segment;
import io.tailrace.log.segment.Segments;
import io.tailrace.log.txn.AbortedTransaction;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * One log's side of compaction: it gives out pictures of itself, takes in what a pass has made, and remembers how far it is clean.
 * The work in between is done elsewhere, by a {@link io.tailrace.log.compaction.CompactionTask}.
 */
final class LogCleaning {

    private final LogState state;
    private long cleanedEndOffset;
    private @Nullable CleaningClaim claim;

    LogCleaning(LogState state, long cleanedEndOffset) {
        this.state = state;
        this.cleanedEndOffset = cleanedEndOffset;
    }

    /** The end (exclusive) of what compaction has done with. */
    long cleanedEndOffset() {
        return cleanedEndOffset;
    }

    /** See {@link PartitionLog#dirtyRatio}. */
    OptionalDouble dirtyRatio(long highWatermark, long nowMs) {
        if (!state.config().compaction().compacts() || state.fault() != null) {
            return OptionalDouble.empty();
        }
        LoadedLog loaded = state.loaded();
        if (loaded.segments().all().size() == 1) {
            return OptionalDouble.empty();
        }
        CompactionPlan plan = CompactionPolicy.plan(picture(loaded, highWatermark, List.of(), Map.of()), nowMs);
        return plan.isDue() ? OptionalDouble.of(plan.dirtyRatio()) : OptionalDouble.empty();
    }

    /** See {@link PartitionLog#claimForCleaning}. */
    Optional<ClaimedPlan> claim(long highWatermark, long nowMs) {
        if (dirtyRatio(highWatermark, nowMs).isEmpty()) {
            return Optional.empty();
        }
        LoadedLog loaded = state.loaded();
        Segments segments = loaded.segments();
        Map<Long, LastBatch> lastBatches = new HashMap<>();
        for (ProducerDescription producer : loaded.producers().describe()) {
            lastBatches.put(producer.producerId(), LastBatch.of(producer));
        }
        List<AbortedTransaction> aborted = segments.aborted(
                segments.first().baseOffset(), segments.active().baseOffset());
        voidClaim();
        CleaningClaim given = new CleaningClaim();
        claim = given;
        return Optional.of(new ClaimedPlan(
                CompactionPolicy.plan(picture(loaded, highWatermark, aborted, lastBatches), nowMs), given));
    }

    private CleanableLog picture(
            LoadedLog loaded, long highWatermark, List<AbortedTransaction> aborted, Map<Long, LastBatch> lastBatches) {
        Segments segments = loaded.segments();
        List<SealedSegment> sealed = new ArrayList<>();
        for (int i = 0; i + 1 < segments.all().size(); i++) {
            Segment segment = segments.all().get(i);
            sealed.add(new SealedSegment(
                    segment.baseOffset(),
                    segments.upperBound(i),
                    segment.sizeBytes(),
                    segment.firstTimestampMs(),
                    segment.maxTimestampMs()));
        }
        loaded.producers().onHighWatermark(highWatermark);
        return new CleanableLog(
                state.files().directory(),
                state.config(),
                sealed,
                new CleanableLog.Bounds(
                        state.logStartOffset(),
                        cleanedEndOffset,
                        segments.active().baseOffset(),
                        loaded.producers().lastStableOffset(highWatermark)),
                aborted,
                lastBatches);
    }

    /**
     * See {@link PartitionLog#takeIn}.
     *
     * <p>Blocks for a few renames and directory syncs. If one of them fails, nobody knows which segments there are but the next
     * start, so the log goes offline.
     */
    boolean takeIn(CleaningClaim shown, Replacement replacement) {
        Disk disk = state.shard().bench().disk();
        Path directory = state.files().directory();
        if (!isHeld(shown)) {
            return false;
        }
        Segments segments = state.loaded().segments();
        List<Long> sealed = segments.all().stream()
                .limit(segments.all().size() - 1L)
                .map(Segment::baseOffset)
                .toList();
        if (!replacement.fits(sealed) || !SegmentSwap.isReady(disk, directory, replacement)) {
            voidClaim(); // what the pass found out about the rest depends on this one
            return false;
        }
        segments.replace(
                replacement.replaced(),
                replacement.endOffset(),
                state.config().segments().indexIntervalBytes(),
                () -> {
                    SegmentSwap.commit(disk, directory, replacement);
                    SegmentSwap.finish(disk, directory, replacement).forEach(state::retire);
                });
        state.sizeBytes(segments.sizeBytes());
        return true;
    }

    /** See {@link PartitionLog#cleanedTo}. */
    boolean cleanedTo(CleaningClaim shown, long endOffset) {
        if (!isHeld(shown)) {
            return false;
        }
        cleanedEndOffset = endOffset;
        claim = null;
        return true;
    }

    @SuppressWarnings("ReferenceEquality") // a claim is itself
    private boolean isHeld(CleaningClaim shown) {
        return claim == shown && !shown.isVoid() && state.fault() == null;
    }

    /** No pass that is under way may change the log any more. */
    void voidClaim() {
        CleaningClaim given = claim;
        claim = null;
        if (given != null) {
            given.revoke();
        }
    }

    /** The log ends at {@code endOffset} now: what comes next is not clean, and a deletion in it has not been carried out below. */
    void cutTo(long endOffset) {
        voidClaim();
        cleanedEndOffset = Math.min(cleanedEndOffset, endOffset);
    }
}
