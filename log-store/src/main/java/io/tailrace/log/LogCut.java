// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.recovery.LoadedLog;
import io.tailrace.log.segment.Segments;

/** Takes records away: at the end, where a leader's history differs; at the start, where they have had their time. */
final class LogCut {

    private final LogState state;
    private final Staging staging;

    LogCut(LogState state, Staging staging) {
        this.state = state;
        this.staging = staging;
    }

    /** See {@link PartitionLog#truncateTo}. */
    long truncateTo(long offset) {
        if (offset >= state.logEndOffset()) {
            LoadedLog loaded = state.loaded();
            loaded.epochs().truncateFromEnd(offset);
            state.tickets().epochsCut(loaded.epochs());
            return state.logEndOffset();
        }
        staging.requireEmpty();
        LoadedLog loaded = state.loaded();
        long end = loaded.segments().endIfTruncatedTo(offset);
        if (end < state.logStartOffset()) {
            truncateFullyAndStartAt(state.logStartOffset()); // not even the batch with the log's start stays
            return state.logStartOffset();
        }
        state.tickets().beforeCut(loaded, end, state.logStartOffset());
        cut(loaded, loaded.segments().truncateTo(offset, state.config().segments()));
        return state.logEndOffset();
    }

    /** See {@link PartitionLog#truncateFullyAndStartAt}. */
    void truncateFullyAndStartAt(long offset) {
        staging.requireEmpty();
        LoadedLog loaded = state.loaded();
        state.tickets().beforeCut(loaded, 0, offset);
        loaded.segments().restartAt(offset);
        loaded.epochs().clear();
        state.startAt(offset);
        state.files().removeSnapshots(any -> true); // what they tell of is not the history of what comes next
        cut(loaded, offset);
        state.syncs().syncedTo(offset); // there is nothing below it that could be lost
    }

    private void cut(LoadedLog loaded, long endOffset) {
        state.endAt(endOffset);
        loaded.epochs().truncateFromEnd(endOffset);
        state.tickets().epochsCut(loaded.epochs());
        state.syncs().truncatedTo(endOffset);
        state.cleaning().cutTo(endOffset);
        state.files().removeSnapshots(offset -> offset > endOffset);
        loaded.segments().unsynced().directory();
        loaded.segments().flushIndexes();
        state.shard().unsynced().add(state.log());
        state.reload(loaded.epochs()); // the producers are those of the batches that are left
    }

    /** See {@link PartitionLog#advanceLogStart}. */
    void advanceLogStart(long offset) {
        if (offset > state.logEndOffset()) {
            throw new IllegalArgumentException("log start " + offset + " above the log end " + state.logEndOffset());
        }
        if (offset > state.logStartOffset()) {
            LoadedLog loaded = state.loaded();
            state.startAt(offset);
            loaded.producers().onLogStart(offset);
            loaded.epochs().truncateFromStart(offset);
            state.shard().requestCheckpoint();
        }
    }

    /** See {@link PartitionLog#deleteOldSegments}. */
    int deleteOldSegments(long nowMs, long highWatermark) {
        staging.requireEmpty();
        Segments segments = state.loaded().segments();
        int dropped = RetentionPass.run(segments, state.config(), state.logStartOffset(), highWatermark, nowMs);
        if (dropped > 0) {
            state.sizeBytes(segments.sizeBytes());
            long base = segments.first().baseOffset();
            advanceLogStart(Math.max(base, state.logStartOffset()));
            state.files().removeSnapshots(offset -> offset < base);
            state.syncs().filesChanged();
            state.shard().unsynced().add(state.log());
        }
        return dropped;
    }
}
