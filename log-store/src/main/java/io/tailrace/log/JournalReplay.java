// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.journal.JournalEntry;
import io.tailrace.log.recovery.LoadedLog;
import java.util.List;

/** Takes in, after a crash, what the journal has of a log and its segments lack. */
final class JournalReplay {

    private final LogState state;
    private final Staging staging;

    JournalReplay(LogState state, Staging staging) {
        this.state = state;
        this.staging = staging;
    }

    /**
     * The log then has to be synced, before anything is written to it.
     *
     * @param entries of this log, in their order
     */
    void run(List<JournalEntry> entries, long nowMs) {
        LoadedLog loaded = state.loaded();
        for (JournalEntry entry : entries) {
            if (entry.sequence() <= state.tickets().journalFloor() || entry.endOffset() <= state.nextOffset()) {
                continue;
            }
            if (entry.startOffset() > state.nextOffset()) {
                break; // its predecessor was torn, so no sync has covered either
            }
            if (state.nextOffset() > entry.startOffset() && loaded.segments().sizeBytes() == 0 && staging.isEmpty()) {
                // The log starts inside a batch that its segments have lost: begin where the batch does.
                loaded.segments().restartAt(entry.startOffset());
                state.endAt(entry.startOffset());
            }
            staging.stage(loaded, entry.batchesFrom(state.nextOffset()), entry.endOffset());
        }
        if (!staging.isEmpty()) {
            staging.write(false, nowMs);
            staging.clear();
        }
        loaded.segments().addUnsyncedFrom(state.syncs().syncedEndOffset());
        loaded.segments().unsynced().directory();
        state.syncs().filesChanged();
        state.shard().unsynced().add(state.log());
        state.syncs().journaledTo(state.logEndOffset()); // a cut has to say that these entries are past
    }
}
