// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.compaction.ClaimedPlan;
import io.tailrace.log.compaction.CleaningClaim;
import io.tailrace.log.compaction.CompactionResult.Replacement;
import io.tailrace.log.disk.StorageException;
import io.tailrace.log.disk.StorageException.Kind;
import io.tailrace.log.epoch.EpochEnd;
import io.tailrace.log.journal.JournalEntry;
import io.tailrace.log.producer.ProducerStates;
import io.tailrace.log.producer.TransactionTerms;
import io.tailrace.log.recovery.LoadedLog;
import io.tailrace.log.segment.Segments;
import io.tailrace.log.txn.AbortedTransaction;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * One partition's log on this node. Owned by one {@link ShardLog} and by its thread; nothing here is thread-safe.
 *
 * <p>Four offsets, each at most the next: {@link #logStartOffset} &le; {@link #durableEndOffset} &le; {@link #logEndOffset}
 * &le; {@link #nextOffset}. The high watermark is not known here: methods that must respect it take it as an argument.
 *
 * <p>Batches are staged by {@link #append} and written by {@link ShardLog#endTurn}, which tells the failures. A log whose
 * device failed is offline: it rejects appends with KAFKA_STORAGE_ERROR and serves no reads until the process starts anew.
 * Appends and reads answer that as a value; the other methods throw {@link StorageException}, after which the log is offline
 * (unless it is of kind NO_SPACE).
 *
 * <p>While nobody uses it, a log is a dozen fields: segments, indexes, epochs and producers are loaded when first needed.
 */
public final class PartitionLog {

    private final LogState state;
    private final Staging staging;
    private final LogCut cut;
    private int epochWhenLoaded = -1;

    /** @param known what is known of a log that is there; {@link LogPosition#empty} for a new one */
    PartitionLog(
            ShardState shard,
            LogDirectory home,
            TopicPartition partition,
            Uuid topicId,
            LogConfig config,
            LogPosition known) {
        this.state = new LogState(this, shard, home, partition, topicId, config, known);
        this.staging = new Staging(state);
        this.cut = new LogCut(state, staging);
    }

    public TopicPartition topicPartition() {
        return state.partition();
    }

    public Uuid topicId() {
        return state.topicId();
    }

    public LogConfig config() {
        return state.config();
    }

    /** Takes new topic settings; they apply from the next append, roll and retention pass on. */
    public void updateConfig(LogConfig config) {
        state.config(config);
    }

    /** The log directory (as in {@code log.dirs}) that holds this partition's directory. */
    public Path logDirectory() {
        return state.home().path();
    }

    /** False once the log is fenced by a failure or quarantined by recovery, and after its deletion. */
    public boolean isOnline() {
        return state.fault() == null;
    }

    /** Whether it is offline since what was promised is not in its files any more; with another copy it can be had again. */
    public boolean isCorrupt() {
        StorageException cause = state.fault();
        return cause != null && cause.kind() == StorageException.Kind.CORRUPT;
    }

    /** Why {@link #isOnline} is false. */
    public Optional<String> offlineReason() {
        StorageException cause = state.fault();
        return cause == null ? Optional.empty() : Optional.of(String.valueOf(cause.getMessage()));
    }

    /** The first offset that may be read; never falls. */
    public long logStartOffset() {
        return state.logStartOffset();
    }

    /** The end offset (exclusive) of what is written, to the operating system at least. Readers see no more than this. */
    public long logEndOffset() {
        return state.logEndOffset();
    }

    /**
     * The end offset that counts towards acknowledgements and the high watermark: what is synced where {@code
     * flush.messages=1}, what is written where the topic opted out.
     */
    public long durableEndOffset() {
        long end = state.logEndOffset(); // asked first: it may have to be found out
        if (!state.config().flush().syncsEveryBatch()) {
            return end;
        }
        // What lies below the log's start can no longer be lost, synced or not.
        return Math.max(state.logStartOffset(), Math.min(state.syncs().durableEndOffset(), end));
    }

    /** The offset the next appended record gets: {@link #logEndOffset} plus what is staged in this turn. */
    public long nextOffset() {
        return state.nextOffset();
    }

    /** Bytes in all segments, and in the journal on their way there. */
    public long sizeBytes() {
        return state.sizeBytes();
    }

    /**
     * Checks the batches, gives them offsets and {@code leaderEpoch} in place (not for {@link AppendOrigin#REPLICATION}), and
     * stages them. The buffer, direct or not, belongs to the log until the turn's {@link ShardLog#endTurn} returns; it is not
     * copied.
     *
     * @param batches one or more whole batches, from position to limit
     * @param terms {@link TransactionTerms#NONE} but for transaction markers and verified transactional batches
     * @param nowMs the host's clock, milliseconds since the epoch
     */
    public AppendResult append(
            ByteBuffer batches, int leaderEpoch, AppendOrigin origin, TransactionTerms terms, long nowMs) {
        state.shard().tellTime(nowMs);
        return staging.append(batches, leaderEpoch, origin, terms, nowMs);
    }

    /**
     * Finds the batches from the one that contains {@code offset} on.
     *
     * @param maxBytes of the result; at least 0
     * @param toExclusive no batch that ends above this offset is returned (high watermark, last stable offset or log end);
     *     capped at {@link #logEndOffset}
     * @param atLeastOneBatch whether the first batch is returned even if it is larger than {@code maxBytes}
     */
    public LogRead read(long offset, int maxBytes, long toExclusive, boolean atLeastOneBatch) {
        if (offset < logStartOffset() || offset > logEndOffset()) {
            return new LogRead.OutOfRange(offset, logStartOffset(), logEndOffset());
        }
        try {
            long end = Math.min(toExclusive, logEndOffset());
            return state.guarded(() -> LogReader.read(segments(), offset, maxBytes, end, atLeastOneBatch));
        } catch (StorageException e) {
            return new LogRead.Unavailable(String.valueOf(e.getMessage()));
        }
    }

    /** The first record below {@code toExclusive} whose timestamp is at least {@code timestampMs}. */
    public Optional<TimestampedOffset> offsetForTimestamp(long timestampMs, long toExclusive) {
        long end = Math.min(toExclusive, logEndOffset());
        return state.guarded(() -> TimeSearch.firstAtOrAfter(segments(), timestampMs, logStartOffset(), end));
    }

    /** The record with the greatest timestamp, the first of them (KIP-734); empty if the log holds no records. */
    public Optional<TimestampedOffset> maxTimestamp() {
        return state.guarded(() -> TimeSearch.latest(segments(), logStartOffset()));
    }

    private Segments segments() {
        return state.loaded().segments();
    }

    /**
     * Notes that this node leads with {@code leaderEpoch} from the log's end on; durable with the next ticket, or, if the log is not in
     * use, with the one after its first use: until then nothing is written in it.
     */
    public void startEpoch(int leaderEpoch) {
        StorageException cause = state.fault();
        if (cause != null) {
            throw cause;
        }
        LoadedLog inMemory = state.inMemory();
        if (inMemory == null) {
            epochWhenLoaded = leaderEpoch;
        } else {
            staging.assignEpoch(inMemory, leaderEpoch, nextOffset());
        }
    }

    /** The log has just been loaded. */
    void onLoaded(LoadedLog loaded) {
        if (epochWhenLoaded >= 0) {
            int epoch = epochWhenLoaded;
            epochWhenLoaded = -1;
            staging.assignEpoch(loaded, epoch, nextOffset());
        }
    }

    /** The latest leader epoch known to this log, or -1. */
    public int latestEpoch() {
        return state.loaded().epochs().latestEpoch();
    }

    /** The largest epoch at most {@code leaderEpoch} and where it ends (KIP-101, KIP-279). */
    public EpochEnd epochEnd(int leaderEpoch) {
        return state.loaded().epochs().endOffsetFor(leaderEpoch, logEndOffset());
    }

    /** The leader epoch that wrote {@code offset}, or -1 if the history does not reach back to it. */
    public int epochAt(long offset) {
        return state.loaded().epochs().epochAt(offset);
    }

    /**
     * Drops all records at and above {@code offset}; to be called for divergence by leader epoch only, never below the high
     * watermark, and with nothing staged. A batch that contains the offset goes as a whole. Returns the new log end, which is
     * not below the log start.
     */
    public long truncateTo(long offset) {
        return state.guarded(() -> cut.truncateTo(offset));
    }

    /** Drops everything; the log starts and ends at {@code offset}, which is not below its start. */
    public void truncateFullyAndStartAt(long offset) {
        state.guarded(() -> {
            cut.truncateFullyAndStartAt(offset);
            return offset;
        });
    }

    /**
     * Moves the log start up (DeleteRecords); ignored if it is there already. Segments below go at the next {@link
     * #deleteOldSegments}.
     *
     * @param offset at most the high watermark, which the caller has checked
     */
    public void advanceLogStart(long offset) {
        cut.advanceLogStart(offset);
    }

    /**
     * Whether {@link #deleteOldSegments} may find something. A log that is not in use is not loaded for this, nor is what a crash left of it
     * recovered: its files are looked at from outside.
     */
    public boolean mayHaveOldSegments(long nowMs) {
        return isOnline()
                && (state.inMemory() != null
                        || IdleRetention.mayBeDue(
                                state.shard().bench().disk(),
                                state.files().directory(),
                                config().retention(),
                                state.knownLogStartOffset(),
                                nowMs));
    }

    /** Forgets producers that were not heard of for too long. A log that is not in use does so when it is loaded. */
    public void expireProducers(long nowMs) {
        LoadedLog inMemory = state.inMemory();
        if (inMemory != null) {
            inMemory.producers().expire(nowMs);
        }
    }

    /** Applies retention by time, by size and by log start; never touches a segment that reaches above the high watermark. */
    public int deleteOldSegments(long nowMs, long highWatermark) {
        state.shard().tellTime(nowMs);
        return state.guarded(() -> cut.deleteOldSegments(nowMs, highWatermark));
    }

    /** The share of the log that is not compacted yet, 0 to 1; empty if the topic's settings ask for no pass now. Looks at no record. */
    public OptionalDouble dirtyRatio(long highWatermark, long nowMs) {
        return state.guarded(() -> state.cleaning().dirtyRatio(highWatermark, nowMs));
    }

    /**
     * A pass of compaction, if the topic's settings ask for one now. The log remembers the claim that comes with it until it voids it
     * or gives out another.
     *
     * @param highWatermark nothing above it is cleaned
     */
    public Optional<ClaimedPlan> claimForCleaning(long highWatermark, long nowMs) {
        return state.guarded(() -> state.cleaning().claim(highWatermark, nowMs));
    }

    /**
     * Puts one cleaned segment into the place of those it stands for. To be called for each in the order of offsets, and no more after a
     * false: a tombstone may go only where what it deletes has gone before.
     *
     * @return false if the log has changed since the claim was given: nothing is changed then, and the claim is void
     */
    public boolean takeIn(CleaningClaim claim, Replacement cleaned) {
        try {
            return state.cleaning().takeIn(claim, cleaned);
        } catch (StorageException e) {
            state.fence(e);
            throw e;
        }
    }

    /**
     * All of a pass has been taken in; the next one begins at {@code endOffset}. In the next checkpoint; if a crash takes that, the
     * pass is done again.
     */
    public boolean cleanedTo(CleaningClaim claim, long endOffset) {
        return state.cleaning().cleanedTo(claim, endOffset);
    }

    /** The end (exclusive) of what compaction has done with; 0 if it was never here. */
    public long cleanedEndOffset() {
        return state.cleaning().cleanedEndOffset();
    }

    /** The end of what a read_committed reader may see: the first offset of the oldest open transaction, or the high watermark. */
    public long lastStableOffset(long highWatermark) {
        LoadedLog inMemory = state.inMemory(); // an offline log goes on to know it
        ProducerStates producers = (inMemory != null ? inMemory : state.loaded()).producers();
        producers.onHighWatermark(highWatermark);
        return producers.lastStableOffset(highWatermark);
    }

    /** The aborted transactions that touch {@code [fromInclusive, toExclusive)}, by first offset: for a fetch at read_committed. */
    public List<AbortedTransaction> abortedTransactions(long fromInclusive, long toExclusive) {
        return state.guarded(() -> segments().aborted(fromInclusive, toExclusive));
    }

    /** The producers of this log, for DescribeProducers and for verification (KIP-890). Owned by the log: not to be appended to. */
    public ProducerStates producers() {
        return state.loaded().producers();
    }

    /**
     * Creates the files of a new log.
     *
     * @param aside where to make them first, if a log of that name was deleted a moment ago
     */
    void create(@Nullable Path aside) {
        if (aside != null) {
            state.files().createDurably(topicId(), state.tickets().noteOfNewLog(), aside);
            state.syncs().truncationNoted();
        } else {
            state.files().create(topicId());
        }
        state.syncs().created();
        state.home().addPartitions(1);
    }

    /** Takes the log's name away; what it holds open stays open for its readers. */
    void delete(Path target) {
        staging.clear();
        state.cleaning().voidClaim();
        state.tickets().unsynced().clear();
        ShardState shard = state.shard();
        shard.staged().remove(this);
        shard.unsynced().remove(this);
        shard.journaled().remove(this);
        state.forgetRecovery();
        state.home().journal().forget(this);
        state.unload();
        state.home().addPartitions(-1);
        state.fence(new StorageException(Kind.NOT_FOUND, topicPartition() + " is deleted"));
        state.files().moveTo(target, state::retire);
    }

    /**
     * A crash left the log as it is; it is looked at when it is first used.
     *
     * @param entries the journal's, in their order
     */
    void recoverLater(List<JournalEntry> entries) {
        state.recoverLater(new CrashRecovery(state, staging, entries));
    }

    /** For the other parts of the shard. */
    LogState state() {
        return state;
    }

    /** For the end of the turn. */
    Staging staging() {
        return staging;
    }

    @Override
    public String toString() {
        return state.toString();
    }
}
