// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.append.AppendTerms;
import io.tailrace.log.append.PreparedAppend;
import io.tailrace.log.disk.StorageException;
import io.tailrace.log.disk.StorageException.Kind;
import io.tailrace.log.journal.Journal;
import io.tailrace.log.producer.CompletedTransaction;
import io.tailrace.log.producer.TransactionTerms;
import io.tailrace.log.recovery.LoadedLog;
import io.tailrace.log.segment.Segments;
import io.tailrace.log.txn.AbortedTransaction;
import io.tailrace.protocol.record.RecordBatchView;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/**
 * The way of batches into one log: checked and given offsets as they come, staged, and written together at the end of the turn.
 * Epochs and producers take them in when they are staged, so that what comes next in the turn is checked against them.
 */
final class Staging {

    private final LogState state;
    private final ShardState shard;
    private final List<ByteBuffer> batches = new ArrayList<>(0);
    private final List<AbortedTransaction> aborts = new ArrayList<>(0);
    private int bytes;

    Staging(LogState state) {
        this.state = state;
        this.shard = state.shard();
    }

    /** See {@link PartitionLog#append}. */
    AppendResult append(ByteBuffer buffer, int leaderEpoch, AppendOrigin origin, TransactionTerms terms, long nowMs) {
        try {
            LoadedLog loaded = state.loaded();
            if (!state.home().hasRoom(origin, nowMs)) {
                return new AppendResult.Rejected(Errors.KAFKA_STORAGE_ERROR, "the log directory is almost full");
            }
            var appendTerms = new AppendTerms(state.config(), origin, state.nextOffset(), leaderEpoch, nowMs);
            return switch (shard.preparation().prepare(buffer, appendTerms)) {
                case PreparedAppend.Ready ready -> stage(loaded, ready, origin, terms);
                case PreparedAppend.Rejected rejected ->
                    new AppendResult.Rejected(rejected.error(), rejected.message(), rejected.recordErrors());
                case PreparedAppend.OutOfPlace outOfPlace ->
                    new AppendResult.Rejected(
                            Errors.OFFSET_OUT_OF_RANGE,
                            "a batch at " + outOfPlace.firstOffset() + " does not follow "
                                    + outOfPlace.expectedOffset());
            };
        } catch (StorageException e) {
            return new AppendResult.Rejected(Errors.KAFKA_STORAGE_ERROR, String.valueOf(e.getMessage()));
        }
    }

    private AppendResult stage(
            LoadedLog loaded, PreparedAppend.Ready ready, AppendOrigin origin, TransactionTerms terms) {
        RecordBatchView view = shard.bench().view().over(ready.batches());
        AppendResult known = ProducerCheck.of(loaded.producers(), view, origin, terms, state);
        if (known != null) {
            return known;
        }
        stage(loaded, ready.batches().slice(), ready.endOffset());
        shard.staged().add(state.log());
        return new AppendResult.Appended(
                ready.firstOffset(), ready.endOffset(), ready.logAppendTimeMs(), state.logStartOffset());
    }

    /** Stages batches that have their offsets, from {@link LogState#nextOffset} on. */
    void stage(LoadedLog loaded, ByteBuffer buffer, long endOffset) {
        RecordBatchView view = shard.bench().view().over(buffer);
        while (view.next()) {
            if (view.partitionLeaderEpoch() >= 0) {
                assignEpoch(loaded, view.partitionLeaderEpoch(), view.baseOffset());
            }
            CompletedTransaction ended = loaded.producers().append(view);
            if (ended != null) {
                if (ended.aborted()) {
                    aborts.add(ended.indexEntry());
                }
                loaded.producers().complete(ended);
            }
        }
        view.clear();
        batches.add(buffer);
        bytes += buffer.remaining();
        state.stagedTo(endOffset);
    }

    void assignEpoch(LoadedLog loaded, int epoch, long startOffset) {
        if (loaded.epochs().assign(epoch, startOffset)) {
            state.tickets().epochStarted(epoch, startOffset);
        }
    }

    boolean isEmpty() {
        return batches.isEmpty();
    }

    /** Throws if something is staged that would get lost. */
    void requireEmpty() {
        if (!batches.isEmpty()) {
            throw new IllegalStateException("batches of " + state.partition() + " are staged: end the turn first");
        }
    }

    /** How many bytes the turn has staged. */
    int bytes() {
        return bytes;
    }

    /** Whether what is staged may go through the journal. */
    boolean isJournalable() {
        return state.fault() == null
                && state.config().flush().syncsEveryBatch()
                && state.syncs().isCovered(state.logEndOffset());
    }

    /** What is staged, for the journal; to be taken before it is written and used before {@link #clear}. */
    Journal.Append<PartitionLog> journalAppend() {
        return new Journal.Append<>(
                state.log(),
                state.topicId(),
                state.partition().partition(),
                state.logEndOffset(),
                state.nextOffset(),
                List.copyOf(batches),
                bytes);
    }

    /** The journal has it. */
    void journaled() {
        state.syncs().journaledTo(state.logEndOffset());
        shard.journaled().add(state.log());
    }

    /** The turn is over for this log. */
    void clear() {
        batches.clear();
        aborts.clear();
        bytes = 0;
        state.stagedTo(state.logEndOffset());
    }

    /**
     * Writes what is staged. What fails is void: no byte of it stays in the log.
     *
     * @param journaled whether the journal makes it durable; the segments then are synced later
     */
    void write(boolean journaled, long nowMs) {
        Segments segments = state.loaded().segments();
        SyncState syncs = state.syncs();
        Segments.Mark mark = segments.mark();
        boolean pinned = state.config().flush().syncsEveryBatch() && !journaled;
        try {
            long records = state.nextOffset() - state.logEndOffset();
            segments.append(batches, state.config().segments(), pinned, nowMs);
            state.endAt(state.nextOffset());
            state.sizeBytes(segments.sizeBytes());
            aborts.forEach(segments::addAborted);
            if (!segments.active().equals(mark.active())) {
                syncs.snapshotDue();
            }
            if (!journaled) {
                syncs.written(records, nowMs);
            }
            if (!journaled || syncs.isSnapshotDue()) {
                shard.unsynced().add(state.log());
            }
        } catch (StorageException e) {
            takeBack(segments, mark, e);
            throw e;
        }
    }

    /** A full disk is no fault of the device: the log goes back to where it was and is loaded anew when it is needed. */
    private void takeBack(Segments segments, Segments.Mark mark, StorageException cause) {
        if (cause.kind() != Kind.NO_SPACE) {
            state.fail(cause);
            return;
        }
        try {
            segments.backTo(mark);
            state.unload();
        } catch (StorageException e) {
            state.fail(e);
        }
    }
}
