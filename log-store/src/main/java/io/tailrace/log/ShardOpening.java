// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.disk.Disk;
import io.tailrace.log.disk.StorageException;
import io.tailrace.log.disk.StorageException.Kind;
import io.tailrace.log.epoch.EpochStart;
import io.tailrace.log.journal.JournalEntry;
import io.tailrace.log.producer.ProducerStates;
import io.tailrace.log.recovery.DurableFile;
import io.tailrace.log.recovery.PartitionMetadata;
import io.tailrace.log.recovery.ShardCheckpoint;
import io.tailrace.log.recovery.TruncationNote;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * Brings a shard's partitions back at a start. After a clean stop the checkpoint is believed and no partition is touched; after
 * a crash only the names of their owners are read: what is in them is looked at when they are used ({@link CrashRecovery}).
 */
final class ShardOpening {

    private final ShardState state;
    private final LogConfig defaults;
    private final Predicate<TopicPartition> owns;
    private final Disk disk;
    private final long firstSequence;

    ShardOpening(ShardState state, LogConfig defaults, Predicate<TopicPartition> owns) {
        this.state = state;
        this.defaults = defaults;
        this.owns = owns;
        this.disk = state.bench().disk();
        this.firstSequence = state.checkpointSequence();
    }

    void open(
            LogDirectories.Listing listing,
            LogDirectory home,
            Map<TopicPartition, PartitionLog> logs,
            List<LogFailure> failures) {
        for (LogDirectories.Found found : listing.partitions()) {
            if (!owns.test(found.partition())) {
                continue;
            }
            PartitionLog log = open(found, home, listing);
            if (log.topicId().equals(Uuid.ZERO_UUID) && log.isOnline() && setAside(log)) {
                continue;
            }
            PartitionLog other = logs.putIfAbsent(found.partition(), log);
            if (other != null) {
                failures.add(new LogFailure(
                        found.partition(),
                        new StorageException(
                                Kind.CORRUPT,
                                found.partition() + " is in " + other.logDirectory() + " and in " + home.path()
                                        + "; the latter is left alone")));
                continue;
            }
            home.addPartitions(1);
            StorageException fault = log.state().fault();
            if (fault != null) {
                failures.add(new LogFailure(found.partition(), fault));
            }
        }
    }

    private PartitionLog open(LogDirectories.Found found, LogDirectory home, LogDirectories.Listing listing) {
        ShardCheckpoint.Entry entry = found.entry();
        if (entry != null && found.isClean()) {
            var known = new LogPosition(
                    entry.logStartOffset(),
                    entry.recoveryPoint(),
                    entry.endOffset(),
                    entry.sizeBytes(),
                    Math.max(entry.journalFloor(), firstSequence - 1), // nothing in older journals concerns it
                    entry.cleanedEndOffset(),
                    entry.forgottenUpTo(),
                    entry.epochs());
            PartitionLog log = new PartitionLog(state, home, found.partition(), entry.topicId(), defaults, known);
            log.state().syncs().checkpointedAt(entry.recoveryPoint());
            return log;
        }
        state.requestCheckpoint(); // it is to say of what was created before the crash whose it is
        Path directory = home.path().resolve(found.partition().toString());
        long recoveryPoint = entry == null ? 0 : entry.recoveryPoint();
        long logStart = entry == null ? 0 : entry.logStartOffset();
        Path noteFile = directory.resolve(TruncationNote.FILE);
        Optional<TruncationNote> note =
                disk.exists(noteFile) // few have one, and asking is cheaper than failing to open
                        ? DurableFile.read(disk, noteFile).flatMap(TruncationNote::decode)
                        : Optional.empty();
        boolean beganAnew = false;
        if (note.isPresent() && note.get().checkpointSequence() >= found.sequence()) {
            recoveryPoint = Math.min(recoveryPoint, note.get().recoveryPoint());
            logStart = note.get().logStartOffset();
            beganAnew = note.get().recoveryPoint() <= logStart;
        }
        Optional<Uuid> written = DurableFile.read(disk, directory.resolve(PartitionMetadata.FILE))
                .flatMap(PartitionMetadata::decode);
        Uuid topicId = written.orElse(entry == null ? Uuid.ZERO_UUID : entry.topicId());
        if (entry != null && !topicId.equals(entry.topicId())) {
            entry = null; // deleted and created again since the checkpoint, which speaks of another log
            recoveryPoint = 0;
            logStart = 0;
        }
        // What the checkpoint says of epochs and producers may be of what was here before.
        List<EpochStart> epochs = entry == null || beganAnew ? List.of() : entry.epochs();
        long forgottenUpTo = entry == null || beganAnew ? ProducerStates.ANYBODY : entry.forgottenUpTo();
        // Compaction never goes beyond what is synced, so a cut below that is a cut below its end, too.
        long cleaned = entry == null ? 0 : Math.min(entry.cleanedEndOffset(), recoveryPoint);
        long floor = Math.max(
                entry == null ? floorOfUnknown(listing) : entry.journalFloor(),
                note.map(TruncationNote::journalFloor).orElse(0L));
        var known = new LogPosition(
                logStart, recoveryPoint, Math.max(recoveryPoint, logStart), 0, floor, cleaned, forgottenUpTo, epochs);
        PartitionLog log = new PartitionLog(state, home, found.partition(), topicId, defaults, known);
        if (entry != null) {
            log.state().syncs().checkpointedAt(entry.recoveryPoint());
        }
        if (note.isPresent()) {
            log.state().syncs().truncationNoted();
        }
        if (beganAnew) {
            forgetDerived(log);
        }
        recover(log, home, listing.journals(), written.isEmpty());
        return log;
    }

    /** A ticket may have been about to write what tells of the log that was here before. */
    private static void forgetDerived(PartitionLog log) {
        try {
            log.state().files().removeDerived();
        } catch (StorageException e) {
            log.state().fence(e);
        }
    }

    /**
     * What the journal has of a log that no checkpoint knows was never promised: the first ticket that a log is in has a checkpoint, too. It may be of
     * a deleted log of the same topic, whose place this one takes. Unless a checkpoint cannot be read, and who it knew is not known.
     */
    private long floorOfUnknown(LogDirectories.Listing listing) {
        return listing.isWhole() ? firstSequence - 1 : 0;
    }

    /**
     * A log without a topic id, in its directory or in a checkpoint, was never promised: a crash took its creation. What it
     * holds is left for people to look at; its name is free.
     */
    private boolean setAside(PartitionLog log) {
        Path directory = log.state().files().directory();
        boolean isEmpty = log.logEndOffset() == log.logStartOffset();
        String suffix = isEmpty ? LogDirectories.DELETE_SUFFIX : LogDirectories.STRAY_SUFFIX;
        try {
            log.delete(directory.resolveSibling(
                    directory.getFileName() + "." + Long.toHexString(state.checkpointSequence()) + "-torn" + suffix));
            return true;
        } catch (StorageException e) {
            log.state().fence(e);
            return false;
        }
    }

    private void recover(PartitionLog log, LogDirectory home, OldJournals journals, boolean hasNoMetadata) {
        List<JournalEntry> entries =
                journals.take(log.topicId(), log.topicPartition().partition());
        log.recoverLater(entries);
        if (entries.isEmpty()) {
            journals.done();
        } else {
            home.journal().inherit(log, journals::done);
            state.unrecovered().add(log);
        }
        try {
            if (log.topicId().equals(Uuid.ZERO_UUID)) {
                log.state().loaded();
            } else if (hasNoMetadata) {
                log.state().files().create(log.topicId());
            }
        } catch (StorageException e) {
            log.state().fence(e);
        }
    }
}
