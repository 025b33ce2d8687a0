// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.SyncTicket.Place;
import io.tailrace.log.disk.SharedFile;
import io.tailrace.log.epoch.EpochStart;
import io.tailrace.log.epoch.LeaderEpochs;
import io.tailrace.log.producer.ProducerSnapshot;
import io.tailrace.log.recovery.LoadedLog;
import io.tailrace.log.recovery.LogLoader;
import io.tailrace.log.recovery.TruncationNote;
import io.tailrace.log.segment.Unsynced;
import java.util.ArrayList;
import java.util.List;

/** What one log puts into tickets, and what it learns when they come back. */
final class LogTickets {

    private final LogState state;
    private final ShardState shard;
    private final LogDirectory home;
    private final LogFiles files;
    private final SyncState syncs;
    private final Unsynced unsynced = new Unsynced();
    private final List<SharedFile> inBackground = new ArrayList<>(0);
    /** Leader epochs that are in the shard's checkpoint and not in the log's own file yet. */
    private List<EpochStart> pendingEpochs;

    private long journalFloor;

    /** @param known what the last checkpoint said */
    LogTickets(LogState state, LogPosition known) {
        this.state = state;
        this.shard = state.shard();
        this.home = state.home();
        this.files = state.files();
        this.syncs = state.syncs();
        this.pendingEpochs = known.epochs();
        this.journalFloor = known.journalFloor();
    }

    Unsynced unsynced() {
        return unsynced;
    }

    List<EpochStart> pendingEpochs() {
        return pendingEpochs;
    }

    /**
     * An epoch is written down in the shard's checkpoint, where a thousand elections are one write; the partition's own file
     * follows when the log has more to sync anyway.
     */
    void epochStarted(int epoch, long startOffset) {
        List<EpochStart> pending = new ArrayList<>(pendingEpochs);
        pending.add(new EpochStart(epoch, startOffset));
        pendingEpochs = pending;
        shard.requestCheckpoint();
    }

    /** Forgets pending epochs that a cut has taken from the history. */
    void epochsCut(LeaderEpochs epochs) {
        pendingEpochs = pendingEpochs.stream()
                .filter(pending -> epochs.startOffset(pending.epoch()) == pending.startOffset())
                .toList();
    }

    /**
     * Puts all that is not on disk yet into the ticket, if the topic's settings want it there now.
     *
     * @param closing whether they do not matter, because the log is being closed
     */
    void collect(SyncTicket ticket, long nowMs, boolean closing) {
        if (state.fault() != null) {
            shard.unsynced().remove(state.log());
            return;
        }
        if (!closing && !syncs.isDue(state.config().flush(), nowMs)) {
            return;
        }
        if (syncs.isNew()) {
            files.addCreation(ticket, home);
        }
        long snapshotOffset = syncs.isSnapshotDue() ? collectDerived(ticket, closing) : SyncTicket.NO_SNAPSHOT;
        if (unsynced.isDirectory()) {
            ticket.directory(home, files.directory());
        }
        if (!unsynced.isEmpty() || !inBackground.isEmpty()) {
            List<SharedFile> target = ticket.files(home);
            inBackground.forEach(file -> target.add(file.retain())); // this promise is about their bytes, too
            unsynced.drainTo(target);
        }
        ticket.promise(state.log(), Place.SEGMENTS, state.logEndOffset(), syncs.truncations(), snapshotOffset);
        syncs.collected();
        shard.unsynced().remove(state.log());
    }

    /**
     * The producers' snapshot and the epochs. A log that closes has its epochs in the checkpoint, and its snapshot carries a CRC:
     * if a power cut takes that, the next start reads batch headers instead. So closing a thousand logs costs no sync for these.
     */
    private long collectDerived(SyncTicket ticket, boolean closing) {
        LoadedLog loaded = state.loaded();
        byte[] snapshot = ProducerSnapshot.encode(loaded.producers().describe()).array();
        long offset = loaded.producers().endOffset();
        if (closing) {
            files.writeSnapshot(offset, snapshot);
        } else {
            ticket.write(home, files.snapshot(offset), snapshot);
            if (!pendingEpochs.isEmpty()) {
                ticket.write(
                        home,
                        files.file(LogLoader.LEADER_EPOCHS),
                        loaded.epochs().checkpoint());
                pendingEpochs = List.of();
            }
        }
        files.removeOldSnapshots();
        return offset;
    }

    /** Everything derived goes to its file, so that the next start reads none of the segments. */
    void prepareClose() {
        LoadedLog loaded = state.inMemory();
        if (loaded != null && state.fault() == null) {
            loaded.segments().flushIndexes();
            if (syncs.isChanged()) {
                syncs.snapshotDue();
                shard.unsynced().add(state.log());
            }
        }
    }

    /** Makes what is in the journal part of the ticket's promise. */
    void collectJournaled(SyncTicket ticket) {
        if (state.fault() == null) {
            if (syncs.isNew() && !syncs.isNameDurable()) {
                ticket.directory(home, home.path()); // its topic id is in the checkpoint, its batches in the journal
            }
            ticket.promise(
                    state.log(), Place.JOURNAL, state.logEndOffset(), syncs.truncations(), SyncTicket.NO_SNAPSHOT);
        }
    }

    /**
     * Puts the segments into a ticket that nobody waits for, so that the journal can be written over. Not while a ticket that
     * somebody waits for has some of them: that one will do.
     */
    void collectInBackground(SyncTicket ticket) {
        if (state.fault() != null || syncs.isInTicket() || !inBackground.isEmpty() || unsynced.isEmpty()) {
            return;
        }
        if (syncs.isNew() && !syncs.isNameDurable()) {
            return; // what is durable in a log without a name is lost; the ticket that it is in next sees to that
        }
        if (unsynced.isDirectory()) {
            ticket.directory(home, files.directory());
        }
        unsynced.drainTo(inBackground);
        inBackground.forEach(file -> ticket.files(home).add(file.retain()));
        ticket.promise(state.log(), Place.SEGMENTS, state.logEndOffset(), syncs.truncations(), SyncTicket.NO_SNAPSHOT);
    }

    /** The ticket with this log's background files has come back. */
    void backgroundDone() {
        inBackground.forEach(SharedFile::release);
        inBackground.clear();
    }

    /** The ticket has come back, and all in it is on disk. */
    void synced(SyncTicket.Promise promise) {
        if (promise.truncations() != syncs.truncations()) {
            files.removeSnapshots(offset -> offset == promise.snapshotOffset()); // it tells of what the cut took
            return;
        }
        if (promise.place() == Place.JOURNAL) {
            syncs.journalSyncedTo(promise.endOffset());
        } else {
            syncs.syncedTo(promise.endOffset());
            home.journal().synced(state.log(), syncs.syncedEndOffset());
        }
    }

    /** Blocks until the segments hold, on disk, all of the log. */
    void syncNow(LoadedLog loaded) {
        inBackground.forEach(file -> file.file().sync());
        loaded.segments().addUnsyncedFrom(syncs.syncedEndOffset());
        loaded.segments().syncNow();
        syncs.syncedTo(state.logEndOffset());
        home.journal().synced(state.log(), state.logEndOffset());
    }

    /** The sequence of the last journal entry that no longer concerns the log. */
    long journalFloor() {
        return journalFloor;
    }

    /**
     * Makes sure that a crash cannot undo a cut, nor take it for damage. Blocking, as cuts are rare.
     *
     * <p>What only the journal has on disk gets there in the segments, and the journal's entries so far no longer concern this
     * log: else a replay would bring back what was cut. And a cut below a recovery point that may be on disk is announced there:
     * only then is less than that no damage.
     *
     * @param endOffset where the log is going to end
     * @param startOffset where it is going to start
     */
    void beforeCut(LoadedLog loaded, long endOffset, long startOffset) {
        boolean leavesJournal = syncs.wasJournaled();
        if (leavesJournal) {
            syncNow(loaded);
            journalFloor = home.journal().lastSequence();
            home.journal().forget(state.log());
            shard.journaled().remove(state.log());
            syncs.leaveJournal();
        }
        long recoveryPoint = Math.min(endOffset, syncs.syncedEndOffset());
        if (leavesJournal || recoveryPoint < syncs.checkpointed() || startOffset != state.logStartOffset()) {
            files.noteTruncation(
                    new TruncationNote(shard.checkpointSequence(), recoveryPoint, startOffset, journalFloor));
            syncs.truncationNoted();
        }
    }

    /** What is written down of a deleted log of the same name, or in a journal, does not concern this one. */
    TruncationNote noteOfNewLog() {
        return new TruncationNote(shard.checkpointSequence(), 0, 0, journalFloor);
    }

    /** A checkpoint is on disk that knows of the last cut. */
    void forgetCut() {
        if (state.fault() == null && !syncs.isTruncationNoted()) {
            files.forgetTruncation();
        }
    }
}
