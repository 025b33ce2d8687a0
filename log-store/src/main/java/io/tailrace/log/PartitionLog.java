// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.append.AppendTerms;
import io.tailrace.log.append.PreparedAppend;
import io.tailrace.log.disk.StorageException;
import io.tailrace.log.disk.StorageException.Kind;
import io.tailrace.log.epoch.EpochEnd;
import io.tailrace.log.epoch.LeaderEpochs;
import io.tailrace.log.journal.Journal;
import io.tailrace.log.journal.JournalEntry;
import io.tailrace.log.producer.CompletedTransaction;
import io.tailrace.log.producer.ProducerStates;
import io.tailrace.log.producer.TransactionTerms;
import io.tailrace.log.recovery.LoadedLog;
import io.tailrace.log.segment.Segments;
import io.tailrace.log.txn.AbortedTransaction;
import io.tailrace.protocol.record.RecordBatchView;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
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

    private final ShardState shard;
    private final LogDirectory home;
    private final TopicPartition partition;
    private final Uuid topicId;
    private final LogFiles files;
    private LogConfig config;

    private long logStartOffset;
    private long logEndOffset;
    private long nextOffset;
    private long sizeBytes;
    private final SyncState syncs = new SyncState();

    private @Nullable LoadedLog loaded;
    private @Nullable LeaderEpochs epochsAtReload;
    private int stagedBytes;
    private @Nullable StorageException fault;
    private final List<ByteBuffer> staged = new ArrayList<>(0);
    private final List<AbortedTransaction> stagedAborts = new ArrayList<>(0);
    private final LogTickets tickets;

    /** @param known what is known of a log that is there; {@link LogPosition#EMPTY} for a new one */
    PartitionLog(
            ShardState shard,
            LogDirectory home,
            TopicPartition partition,
            Uuid topicId,
            LogConfig config,
            LogPosition known) {
        this.shard = shard;
        this.home = home;
        this.partition = partition;
        this.topicId = topicId;
        this.files =
                new LogFiles(shard.bench().disk(), shard.removals(), home.path().resolve(partition.toString()));
        this.config = config;
        this.logStartOffset = known.logStartOffset();
        this.logEndOffset = known.endOffset();
        this.nextOffset = known.endOffset();
        this.sizeBytes = known.sizeBytes();
        this.syncs.syncedTo(known.recoveryPoint());
        this.tickets = new LogTickets(this, shard, home, files, syncs, known);
    }

    public TopicPartition topicPartition() {
        return partition;
    }

    public Uuid topicId() {
        return topicId;
    }

    public LogConfig config() {
        return config;
    }

    /** Takes new topic settings; they apply from the next append, roll and retention pass on. */
    public void updateConfig(LogConfig config) {
        this.config = config;
    }

    /** The log directory (as in {@code log.dirs}) that holds this partition's directory. */
    public Path logDirectory() {
        return home.path();
    }

    /** False once the log is fenced by a failure or quarantined by recovery, and after its deletion. */
    public boolean isOnline() {
        return fault() == null;
    }

    /** Why {@link #isOnline} is false. */
    public Optional<String> offlineReason() {
        StorageException cause = fault();
        return cause == null ? Optional.empty() : Optional.of(String.valueOf(cause.getMessage()));
    }

    /** The first offset that may be read; never falls. */
    public long logStartOffset() {
        return logStartOffset;
    }

    /** The end offset (exclusive) of what is written, to the operating system at least. Readers see no more than this. */
    public long logEndOffset() {
        return logEndOffset;
    }

    /**
     * The end offset that counts towards acknowledgements and the high watermark: what is synced where {@code
     * flush.messages=1}, what is written where the topic opted out.
     */
    public long durableEndOffset() {
        if (!config.flush().syncsEveryBatch()) {
            return logEndOffset;
        }
        // What lies below the log's start can no longer be lost, synced or not.
        return Math.max(logStartOffset, Math.min(syncs.durableEndOffset(), logEndOffset));
    }

    /** The offset the next appended record gets: {@link #logEndOffset} plus what is staged in this turn. */
    public long nextOffset() {
        return nextOffset;
    }

    /** Bytes in all segments, and in the journal on their way there. */
    public long sizeBytes() {
        return sizeBytes;
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
        shard.tellTime(nowMs);
        try {
            LoadedLog log = loaded();
            if (!home.hasRoom(origin, nowMs)) {
                return new AppendResult.Rejected(Errors.KAFKA_STORAGE_ERROR, "the log directory is almost full");
            }
            var appendTerms = new AppendTerms(config, origin, nextOffset, leaderEpoch, nowMs);
            return switch (shard.preparation().prepare(batches, appendTerms)) {
                case PreparedAppend.Ready ready -> stage(log, ready, origin, terms);
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

    private AppendResult stage(LoadedLog log, PreparedAppend.Ready ready, AppendOrigin origin, TransactionTerms terms) {
        RecordBatchView view = shard.bench().view().over(ready.batches());
        AppendResult known = ProducerCheck.of(log.producers(), view, origin, terms, this);
        if (known != null) {
            return known;
        }
        takeIn(log, view.over(ready.batches()));
        staged.add(ready.batches().slice());
        stagedBytes += ready.batches().remaining();
        nextOffset = ready.endOffset();
        shard.staged().add(this);
        return new AppendResult.Appended(
                ready.firstOffset(), ready.endOffset(), ready.logAppendTimeMs(), logStartOffset);
    }

    private void takeIn(LoadedLog log, RecordBatchView view) {
        while (view.next()) {
            if (view.partitionLeaderEpoch() >= 0) {
                assignEpoch(log, view.partitionLeaderEpoch(), view.baseOffset());
            }
            CompletedTransaction ended = log.producers().append(view);
            if (ended != null) {
                if (ended.aborted()) {
                    stagedAborts.add(ended.indexEntry());
                }
                log.producers().complete(ended);
            }
        }
        view.clear();
    }

    /** How many bytes the turn has staged. */
    int stagedBytes() {
        return stagedBytes;
    }

    /** Whether what is staged may go through the journal. */
    boolean isJournalable() {
        return fault() == null && config.flush().syncsEveryBatch() && syncs.isCovered(logEndOffset);
    }

    /** What is staged, for the journal; to be taken before it is written and used before {@link #clearStaged}. */
    Journal.Append<PartitionLog> journalAppend() {
        return new Journal.Append<>(
                this, topicId, partition.partition(), logEndOffset, nextOffset, List.copyOf(staged), stagedBytes);
    }

    void journaled() {
        syncs.journaledTo(logEndOffset);
        shard.journaled().add(this);
    }

    /** The turn is over for this log. */
    void clearStaged() {
        staged.clear();
        stagedAborts.clear();
        stagedBytes = 0;
        nextOffset = logEndOffset;
    }

    /**
     * Writes what is staged. What fails is void: no byte of it stays in the log.
     *
     * @param journaled whether the journal makes it durable; the segments then are synced later
     */
    void writeStaged(boolean journaled, long nowMs) {
        LoadedLog log = loaded();
        Segments segments = log.segments();
        Segments.Mark mark = segments.mark();
        boolean pinned = config.flush().syncsEveryBatch() && !journaled;
        try {
            long records = nextOffset - logEndOffset;
            segments.append(staged, config.segments(), pinned, nowMs);
            logEndOffset = nextOffset;
            sizeBytes = segments.sizeBytes();
            stagedAborts.forEach(segments::addAborted);
            if (!segments.active().equals(mark.active())) {
                syncs.snapshotDue();
            }
            if (!journaled) {
                syncs.written(records, nowMs);
            }
            if (!journaled || syncs.isSnapshotDue()) {
                shard.unsynced().add(this);
            }
        } catch (StorageException e) {
            takeBack(segments, mark, e);
            throw e;
        }
    }

    /**
     * Takes in what the journal has and the segments lack, after a crash; synced when this returns.
     *
     * @param entries of this log, in their order
     */
    void replay(List<JournalEntry> entries, long nowMs) {
        guarded(() -> {
            LoadedLog log = loaded();
            for (JournalEntry entry : entries) {
                if (entry.sequence() <= tickets.journalFloor() || entry.endOffset() <= nextOffset) {
                    continue;
                }
                if (entry.startOffset() > nextOffset) {
                    break; // its predecessor was torn, so no sync has covered either
                }
                if (nextOffset > entry.startOffset() && log.segments().sizeBytes() == 0 && staged.isEmpty()) {
                    // The log starts inside a batch that its segments have lost: begin where the batch does.
                    log.segments().restartAt(entry.startOffset());
                    logEndOffset = entry.startOffset();
                    nextOffset = entry.startOffset();
                }
                ByteBuffer missing = entry.batchesFrom(nextOffset);
                takeIn(log, shard.bench().view().over(missing));
                staged.add(missing);
                nextOffset = entry.endOffset();
            }
            if (!staged.isEmpty()) {
                writeStaged(false, nowMs);
                clearStaged();
            }
            tickets.syncNow(log);
            syncs.journaledTo(logEndOffset); // a cut has to say that these entries are past
            return 0;
        });
    }

    /** A full disk is no fault of the device: the log goes back to where it was and is loaded anew when it is needed. */
    private void takeBack(Segments segments, Segments.Mark mark, StorageException cause) {
        if (cause.kind() != Kind.NO_SPACE) {
            fail(cause);
            return;
        }
        try {
            segments.backTo(mark);
            unload();
        } catch (StorageException e) {
            fail(e);
        }
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
        if (offset < logStartOffset || offset > logEndOffset) {
            return new LogRead.OutOfRange(offset, logStartOffset, logEndOffset);
        }
        try {
            long end = Math.min(toExclusive, logEndOffset);
            return guarded(() -> LogReader.read(loaded().segments(), offset, maxBytes, end, atLeastOneBatch));
        } catch (StorageException e) {
            return new LogRead.Unavailable(String.valueOf(e.getMessage()));
        }
    }

    /** The first record below {@code toExclusive} whose timestamp is at least {@code timestampMs}. */
    public Optional<TimestampedOffset> offsetForTimestamp(long timestampMs, long toExclusive) {
        long end = Math.min(toExclusive, logEndOffset);
        return guarded(() -> TimeSearch.firstAtOrAfter(loaded().segments(), timestampMs, logStartOffset, end));
    }

    /** The record with the greatest timestamp, the first of them (KIP-734); empty if the log holds no records. */
    public Optional<TimestampedOffset> maxTimestamp() {
        return guarded(() -> TimeSearch.latest(loaded().segments(), logStartOffset));
    }

    /** Notes that this node leads with {@code leaderEpoch} from the log's end on; durable with the next ticket. */
    public void startEpoch(int leaderEpoch) {
        assignEpoch(loaded(), leaderEpoch, nextOffset);
    }

    private void assignEpoch(LoadedLog log, int epoch, long startOffset) {
        if (log.epochs().assign(epoch, startOffset)) {
            tickets.epochStarted(epoch, startOffset);
        }
    }

    /** The latest leader epoch known to this log, or -1. */
    public int latestEpoch() {
        return loaded().epochs().latestEpoch();
    }

    /** The largest epoch at most {@code leaderEpoch} and where it ends (KIP-101, KIP-279). */
    public EpochEnd epochEnd(int leaderEpoch) {
        return loaded().epochs().endOffsetFor(leaderEpoch, logEndOffset);
    }

    /**
     * Drops all records at and above {@code offset}; to be called for divergence by leader epoch only, never below the high
     * watermark, and with nothing staged. A batch that contains the offset goes as a whole. Returns the new log end, which is
     * not below the log start.
     */
    public long truncateTo(long offset) {
        if (offset >= logEndOffset) {
            loaded().epochs().truncateFromEnd(offset);
            tickets.epochsCut(loaded().epochs());
            return logEndOffset;
        }
        if (guarded(() -> loaded().segments().endIfTruncatedTo(offset)) < logStartOffset) {
            truncateFullyAndStartAt(logStartOffset); // not even the batch with the log's start stays
            return logStartOffset;
        }
        return guarded(() -> {
            LoadedLog log = loaded();
            requireNothingStaged();
            tickets.beforeCut(log, log.segments().endIfTruncatedTo(offset), logStartOffset);
            return truncated(log, log.segments().truncateTo(offset, config.segments()));
        });
    }

    /** Drops everything; the log starts and ends at {@code offset}, which is not below its start. */
    public void truncateFullyAndStartAt(long offset) {
        guarded(() -> {
            LoadedLog log = loaded();
            requireNothingStaged();
            tickets.beforeCut(log, 0, offset);
            log.segments().restartAt(offset);
            log.epochs().clear();
            logStartOffset = offset;
            truncated(log, offset);
            syncs.syncedTo(offset); // there is nothing below it that could be lost
            return offset;
        });
    }

    private long truncated(LoadedLog log, long endOffset) {
        requireNothingStaged();
        logEndOffset = endOffset;
        nextOffset = endOffset;
        log.epochs().truncateFromEnd(endOffset);
        tickets.epochsCut(log.epochs());
        epochsAtReload = log.epochs();
        syncs.truncatedTo(endOffset);
        files.removeSnapshots(offset -> offset > endOffset);
        log.segments().flushIndexes();
        shard.unsynced().add(this);
        unload(); // the producers are those of the batches that are left
        loaded();
        return logEndOffset;
    }

    /**
     * Moves the log start up (DeleteRecords); ignored if it is there already. Segments below go at the next {@link
     * #deleteOldSegments}.
     *
     * @param offset at most the high watermark, which the caller has checked
     */
    public void advanceLogStart(long offset) {
        if (offset > logEndOffset) {
            throw new IllegalArgumentException("log start " + offset + " above the log end " + logEndOffset);
        }
        if (offset > logStartOffset) {
            LoadedLog log = loaded();
            logStartOffset = offset;
            log.producers().onLogStart(offset);
            log.epochs().truncateFromStart(offset);
            shard.requestCheckpoint();
        }
    }

    /** Applies retention by time, by size and by log start; never touches a segment that reaches above the high watermark. */
    public int deleteOldSegments(long nowMs, long highWatermark) {
        shard.tellTime(nowMs);
        requireNothingStaged();
        return guarded(() -> {
            LoadedLog log = loaded();
            int dropped = RetentionPass.run(log.segments(), config, logStartOffset, highWatermark, nowMs);
            if (dropped > 0) {
                sizeBytes = log.segments().sizeBytes();
                long base = log.segments().first().baseOffset();
                advanceLogStart(Math.max(base, logStartOffset));
                files.removeSnapshots(offset -> offset < base);
                syncs.filesChanged();
                shard.unsynced().add(this);
            }
            return dropped;
        });
    }

    /** The end of what a read_committed reader may see: the first offset of the oldest open transaction, or the high watermark. */
    public long lastStableOffset(long highWatermark) {
        ProducerStates producers = (loaded != null ? loaded : loaded()).producers();
        producers.onHighWatermark(highWatermark);
        return producers.lastStableOffset(highWatermark);
    }

    /** The aborted transactions that touch {@code [fromInclusive, toExclusive)}, by first offset: for a fetch at read_committed. */
    public List<AbortedTransaction> abortedTransactions(long fromInclusive, long toExclusive) {
        return guarded(() -> loaded().segments().aborted(fromInclusive, toExclusive));
    }

    /** The producers of this log, for DescribeProducers and for verification (KIP-890). Owned by the log: not to be appended to. */
    public ProducerStates producers() {
        return loaded().producers();
    }

    /** The leader epoch that wrote {@code offset}, or -1 if the history does not reach back to it. */
    public int epochAt(long offset) {
        return loaded().epochs().epochAt(offset);
    }

    /**
     * Creates the files of a new log.
     *
     * @param aside where to make them first, if a log of that name was deleted a moment ago
     */
    void create(@Nullable Path aside) {
        if (aside != null) {
            files.createDurably(topicId, aside);
        } else {
            files.create(topicId);
        }
        syncs.created();
        home.addPartitions(1);
    }

    /** Takes the log's name away; what it holds open stays open for its readers. */
    void delete(Path target) {
        clearStaged();
        tickets.unsynced().clear();
        shard.staged().remove(this);
        shard.unsynced().remove(this);
        shard.journaled().remove(this);
        home.journal().forget(this);
        unload();
        home.addPartitions(-1);
        fault = new StorageException(Kind.NOT_FOUND, partition + " is deleted");
        files.moveTo(target);
    }

    /** What the log has in memory, if it was used. */
    @Nullable
    LoadedLog inMemory() {
        return loaded;
    }

    LogPosition position() {
        long recoveryPoint = Math.min(syncs.syncedEndOffset(), logEndOffset);
        return new LogPosition(
                logStartOffset,
                recoveryPoint,
                logEndOffset,
                sizeBytes,
                tickets.journalFloor(),
                tickets.pendingEpochs());
    }

    LogTickets tickets() {
        return tickets;
    }

    SyncState syncs() {
        return syncs;
    }

    LogFiles files() {
        return files;
    }

    LogDirectory home() {
        return home;
    }

    /** No more appends or reads of this log. */
    void fence(StorageException cause) {
        if (fault == null) {
            fault = cause;
        }
    }

    /** As {@link #fence}, after a failed write: which takes the whole log directory along. */
    void fail(StorageException cause) {
        fence(cause);
        home.fail(cause);
    }

    /** Why the log is offline; null while it is not. */
    @Nullable
    StorageException fault() {
        return fault != null ? fault : home.fault();
    }

    /** Loads the log if need be; throws if it is offline. */
    LoadedLog loaded() {
        StorageException cause = fault();
        if (cause != null) {
            throw cause;
        }
        LoadedLog log = loaded;
        return log != null ? log : load();
    }

    private LoadedLog load() {
        return guarded(() -> {
            long recoveryPoint = Math.min(syncs.syncedEndOffset(), logEndOffset);
            LoadedLog log = shard.loader()
                    .load(
                            files.directory(),
                            config.segments(),
                            recoveryPoint,
                            logStartOffset,
                            tickets.pendingEpochs(),
                            tickets.unsynced());
            LeaderEpochs kept = epochsAtReload;
            if (kept != null) {
                log = new LoadedLog(log.segments(), kept, log.producers(), log.logStartOffset(), log.wasCut());
                epochsAtReload = null;
            }
            logStartOffset = log.logStartOffset();
            logEndOffset = log.segments().endOffset();
            nextOffset = logEndOffset;
            sizeBytes = log.segments().sizeBytes();
            if (logEndOffset > recoveryPoint) {
                syncs.filesChanged(); // the tail that a crash left counts once it is synced, also if nothing is
                // appended to it
                shard.unsynced().add(this);
            }
            loaded = log;
            if (logEndOffset > syncs.syncedEndOffset() || log.wasCut()) {
                log.segments().addUnsyncedFrom(syncs.syncedEndOffset());
                syncs.filesChanged();
                shard.unsynced().add(this);
            }
            return log;
        });
    }

    /** Goes back to a dozen fields; the next use loads. */
    private void unload() {
        LoadedLog log = loaded;
        if (log != null) {
            log.segments().close();
            loaded = null;
        }
    }

    private <T> T guarded(Supplier<T> work) {
        try {
            return work.get();
        } catch (StorageException e) {
            if (e.kind() != Kind.NO_SPACE) {
                fence(e);
            }
            throw e;
        }
    }

    private void requireNothingStaged() {
        if (!staged.isEmpty()) {
            throw new IllegalStateException("batches of " + partition + " are staged: end the turn first");
        }
    }

    @Override
    public String toString() {
        return partition + "[" + logStartOffset + ", " + logEndOffset + ")";
    }
}
