// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.disk.StorageException;
import io.tailrace.log.journal.JournalEntry;
import io.tailrace.log.recovery.LoadedLog;
import io.tailrace.log.segment.Segments;
import java.util.List;

/**
 * What a crash left to be done for one log. It waits until the log is first used, or {@link ShardLog#recoverNext} comes to it: a node with
 * ten thousand partitions serves before it has looked at any.
 *
 * <p>Loading the log has checked what lies above its recovery point and cut off what is torn. Here the journal's entries that the segments
 * lack are appended, and the log gets its durable end. Nobody may see a smaller one than before the crash, so what is in the segments alone
 * is synced at once (most often that finds nothing to do). So is a log without entries that ends where the checkpoint says: a cut may be
 * in memory only, and what it took would come back into the middle of what is appended next. What is in the journal, too, is as durable as
 * it was (and a cut before it is on disk); its segments are synced later, by a ticket nobody waits for, after which the log no longer needs
 * the old journal.
 */
final class CrashRecovery {

    private final LogState state;
    private final Staging staging;
    private final List<JournalEntry> entries;

    /** @param entries of this log, in their order */
    CrashRecovery(LogState state, Staging staging, List<JournalEntry> entries) {
        this.state = state;
        this.staging = staging;
        this.entries = entries;
    }

    /** @param loaded the log, just loaded */
    void run(LoadedLog loaded) {
        long journaledEnd = replay(loaded);
        SyncState syncs = state.syncs();
        if (journaledEnd > 0) {
            syncs.journaledTo(
                    Math.min(journaledEnd, state.logEndOffset())); // a cut has to say that these entries are past
            syncs.journalSyncedTo(Math.min(journaledEnd, state.logEndOffset()));
        }
        boolean isDurable = journaledEnd > 0 && syncs.durableEndOffset() >= state.logEndOffset();
        Segments segments = loaded.segments();
        segments.addUnsyncedFrom(
                Math.min(syncs.syncedEndOffset(), segments.active().baseOffset() - 1));
        segments.unsynced().directory();
        if (isDurable) {
            if (loaded.wasCut()) {
                syncs.filesChanged(); // what is appended next is synced together with the cut
            }
        } else if (state.config().flush().syncsEveryBatch()) {
            sync(loaded);
        } else {
            syncs.filesChanged();
            state.shard().unsynced().add(state.log());
        }
        if (!entries.isEmpty()) {
            state.home().journal().recovered(state.log(), state.logEndOffset());
            state.home().journal().synced(state.log(), syncs.syncedEndOffset());
        }
    }

    /** Appends what the segments lack; returns where what the journal has of the log ends, 0 if it has nothing. */
    private long replay(LoadedLog loaded) {
        long journaledEnd = 0;
        for (JournalEntry entry : entries) {
            if (entry.sequence() <= state.tickets().journalFloor()) {
                continue;
            }
            if (entry.endOffset() > state.nextOffset()) {
                if (entry.startOffset() > state.nextOffset()) {
                    break; // its predecessor was torn, so no sync has covered either
                }
                stage(loaded, entry);
            }
            journaledEnd = Math.max(journaledEnd, entry.endOffset());
        }
        if (!staging.isEmpty()) {
            staging.write(true, state.shard().nowMs());
            staging.clear();
        }
        return journaledEnd;
    }

    private void stage(LoadedLog loaded, JournalEntry entry) {
        if (state.nextOffset() > entry.startOffset() && loaded.segments().sizeBytes() == 0 && staging.isEmpty()) {
            // The log starts inside a batch that its segments have lost: begin where the batch does.
            loaded.segments().restartAt(entry.startOffset());
            state.endAt(entry.startOffset());
        }
        staging.stage(loaded, entry.batchesFrom(state.nextOffset()), entry.endOffset());
    }

    private void sync(LoadedLog loaded) {
        try {
            state.tickets().syncNow(loaded);
        } catch (StorageException e) {
            state.fail(e);
            throw e;
        }
    }
}
