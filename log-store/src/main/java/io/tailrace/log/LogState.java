// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.disk.StorageException;
import io.tailrace.log.disk.StorageException.Kind;
import io.tailrace.log.epoch.LeaderEpochs;
import io.tailrace.log.recovery.LoadedLog;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * What a log is at the moment: its offsets, what of it is in memory, whether it works. The parts of a {@link PartitionLog} share
 * it, and each does one thing to it: {@link Staging} appends, {@link LogCut} takes away, {@link LogCleaning} compacts,
 * {@link LogTickets} syncs.
 */
final class LogState {

    private final PartitionLog log;
    private final ShardState shard;
    private final LogDirectory home;
    private final TopicPartition partition;
    private final Uuid topicId;
    private final LogFiles files;
    private final SyncState syncs = new SyncState();
    private final LogTickets tickets;
    private final LogCleaning cleaning;
    private LogConfig config;

    private long logStartOffset;
    private long logEndOffset;
    private long nextOffset;
    private long sizeBytes;
    private long forgottenUpTo;
    private @Nullable LoadedLog loaded;
    private @Nullable LeaderEpochs epochsAtReload;
    private @Nullable CrashRecovery recovery;
    private @Nullable StorageException fault;

    /**
     * @param log whose state this is: it is what the shard knows the log by
     * @param known what is known of a log that is there; {@link LogPosition#empty} for a new one
     */
    LogState(
            PartitionLog log,
            ShardState shard,
            LogDirectory home,
            TopicPartition partition,
            Uuid topicId,
            LogConfig config,
            LogPosition known) {
        this.log = log;
        this.shard = shard;
        this.home = home;
        this.partition = partition;
        this.topicId = topicId;
        this.files = new LogFiles(shard.bench().disk(), home.path().resolve(partition.toString()));
        this.config = config;
        this.logStartOffset = known.logStartOffset();
        this.logEndOffset = known.endOffset();
        this.nextOffset = known.endOffset();
        this.sizeBytes = known.sizeBytes();
        this.forgottenUpTo = known.forgottenUpTo();
        this.syncs.syncedTo(known.recoveryPoint());
        this.tickets = new LogTickets(this, known);
        this.cleaning = new LogCleaning(this, known.cleanedEndOffset());
    }

    PartitionLog log() {
        return log;
    }

    ShardState shard() {
        return shard;
    }

    LogDirectory home() {
        return home;
    }

    TopicPartition partition() {
        return partition;
    }

    Uuid topicId() {
        return topicId;
    }

    LogFiles files() {
        return files;
    }

    SyncState syncs() {
        return syncs;
    }

    LogTickets tickets() {
        return tickets;
    }

    LogCleaning cleaning() {
        return cleaning;
    }

    LogConfig config() {
        return config;
    }

    void config(LogConfig changed) {
        config = changed;
    }

    long logStartOffset() {
        settle();
        return logStartOffset;
    }

    /** As the start found it, without a look at the log. */
    long knownLogStartOffset() {
        return logStartOffset;
    }

    void startAt(long offset) {
        logStartOffset = offset;
    }

    /** The end (exclusive) of what is written. */
    long logEndOffset() {
        settle();
        return logEndOffset;
    }

    /** The end (exclusive) of what is written or staged. */
    long nextOffset() {
        settle();
        return nextOffset;
    }

    /** Batches up to that offset (exclusive) are staged. */
    void stagedTo(long offset) {
        nextOffset = offset;
    }

    /** The written part ends at {@code offset}, and nothing is staged. */
    void endAt(long offset) {
        logEndOffset = offset;
        nextOffset = offset;
    }

    long sizeBytes() {
        settle();
        return sizeBytes;
    }

    void sizeBytes(long bytes) {
        sizeBytes = bytes;
    }

    LogPosition position() {
        return new LogPosition(
                logStartOffset,
                Math.min(syncs.syncedEndOffset(), logEndOffset),
                recovery == null ? logEndOffset : LogPosition.UNKNOWN,
                sizeBytes,
                tickets.journalFloor(),
                cleaning.cleanedEndOffset(),
                forgottenUpTo(),
                tickets.pendingEpochs());
    }

    private long forgottenUpTo() {
        LoadedLog known = loaded;
        return known == null ? forgottenUpTo : known.producers().forgottenUpTo();
    }

    /** The log is looked at when it is first used, and what a crash left to be done is done then. */
    void recoverLater(CrashRecovery left) {
        recovery = left;
    }

    /** Whether a crash left something that nobody has looked at yet. */
    boolean isUnrecovered() {
        return recovery != null;
    }

    /** Does what a crash left to be done. A log that this fails for is offline, which whoever uses it is told. */
    void settle() {
        if (recovery != null && fault() == null) {
            try {
                loaded();
            } catch (StorageException e) {
                fence(e); // a full disk, too: what was promised is not all here
            }
        }
    }

    /** What the log has in memory, if it was used. */
    @Nullable
    LoadedLog inMemory() {
        return loaded;
    }

    /** Loads the log if need be; throws if it is offline. */
    LoadedLog loaded() {
        StorageException cause = fault();
        if (cause != null) {
            throw cause;
        }
        LoadedLog known = loaded;
        return known != null ? known : guarded(this::load);
    }

    private LoadedLog load() {
        LoadedLog found = shard.loader(this::retire)
                .load(
                        files.directory(),
                        config.segments(),
                        Math.min(syncs.syncedEndOffset(), logEndOffset),
                        logStartOffset,
                        tickets.pendingEpochs(),
                        forgottenUpTo,
                        tickets.unsynced());
        LeaderEpochs kept = epochsAtReload;
        if (kept != null) {
            found = new LoadedLog(found.segments(), kept, found.producers(), found.logStartOffset(), found.wasCut());
            epochsAtReload = null;
        }
        logStartOffset = found.logStartOffset();
        endAt(found.segments().endOffset());
        sizeBytes = found.segments().sizeBytes();
        loaded = found;
        CrashRecovery left = recovery;
        recovery = null;
        if (left != null) {
            recover(left, found);
        } else if (logEndOffset > syncs.syncedEndOffset() || found.wasCut()) {
            // What a crash left, and that it was cut, counts once it is synced, also if nothing is appended to it.
            found.segments().addUnsyncedFrom(syncs.syncedEndOffset());
            syncs.filesChanged();
            shard.unsynced().add(log);
        }
        log.onLoaded(found);
        return found;
    }

    private void recover(CrashRecovery left, LoadedLog found) {
        try {
            left.run(found);
        } catch (StorageException e) {
            fence(e); // a full disk, too: what was promised is not all here
            throw e;
        }
    }

    /** Has a file or directory removed after a while; readers may be at it. */
    void retire(Path path) {
        shard.removals().add(path, shard.nowMs() + config.segments().fileDeleteDelayMs());
    }

    /** Goes back to a dozen fields; the next use loads. */
    void unload() {
        LoadedLog known = loaded;
        if (known != null) {
            cleaning.voidClaim();
            forgottenUpTo = known.producers().forgottenUpTo();
            known.segments().close();
            loaded = null;
        }
    }

    /** The log is about to go, and whatever a crash left of it. */
    void forgetRecovery() {
        recovery = null;
    }

    /** As {@link #unload} and {@link #loaded}, but the leader epochs stay: they are right, and not on disk yet. */
    void reload(LeaderEpochs epochs) {
        epochsAtReload = epochs;
        unload();
        loaded();
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

    /** Does work after whose failure the log is offline, unless the disk was full. */
    <T> T guarded(Supplier<T> work) {
        try {
            return work.get();
        } catch (StorageException e) {
            if (e.kind() != Kind.NO_SPACE) {
                fence(e);
            }
            throw e;
        }
    }

    @Override
    public String toString() {
        return partition + "[" + logStartOffset + ", " + logEndOffset + ")";
    }
}
