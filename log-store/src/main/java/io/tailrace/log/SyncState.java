// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

/** How much of one log is on disk, and what waits to get there. */
final class SyncState {

    private long syncedEndOffset;
    private long durableEndOffset;
    private long coveredEndOffset;
    private int truncations;
    private long unsyncedRecords;
    private long unsyncedSinceMs = Long.MAX_VALUE;
    private boolean snapshotDue;
    private boolean isNew;
    private boolean isNameDurable;
    private boolean filesChanged;
    private boolean isChanged;
    private boolean wasJournaled;
    private boolean isInTicket;
    private boolean isTruncationNoted;
    private long checkpointed;

    /** The end offset (exclusive) of what is synced, in segments or in the journal. */
    long durableEndOffset() {
        return durableEndOffset;
    }

    /** A sync of the journal has made everything below it durable; the segments may lack it. */
    void journalSyncedTo(long endOffset) {
        isNameDurable = true; // the ticket synced it beside the journal
        durableEndOffset = Math.max(durableEndOffset, endOffset);
    }

    /** Everything below it is in the journal, or synced. */
    void journaledTo(long endOffset) {
        coveredEndOffset = endOffset;
        isChanged = true;
        wasJournaled = true;
    }

    /**
     * Whether the next batch may go into the journal: only if all before it, up to {@code logEndOffset}, is there or is synced.
     * Else recovery could find a batch in the journal and not what lies before it.
     */
    boolean isCovered(long logEndOffset) {
        return coveredEndOffset >= logEndOffset && !filesChanged;
    }

    /** The end offset (exclusive) of what is synced in segments. */
    long syncedEndOffset() {
        return syncedEndOffset;
    }

    /** How often the log was cut: a ticket taken before a cut promises nothing after it. */
    int truncations() {
        return truncations;
    }

    void syncedTo(long endOffset) {
        syncedEndOffset = Math.max(syncedEndOffset, endOffset);
        durableEndOffset = Math.max(durableEndOffset, syncedEndOffset);
        coveredEndOffset = Math.max(coveredEndOffset, syncedEndOffset);
    }

    void truncatedTo(long endOffset) {
        syncedEndOffset = Math.min(syncedEndOffset, endOffset);
        durableEndOffset = Math.min(durableEndOffset, endOffset);
        coveredEndOffset = -1; // until a sync has made the cut durable
        truncations++;
        isChanged = true;
        filesChanged = true;
    }

    void written(long records, long nowMs) {
        isChanged = true;
        unsyncedRecords += records;
        unsyncedSinceMs = Math.min(unsyncedSinceMs, nowMs);
    }

    /** The directory of the log has no durable name yet. */
    void created() {
        isNew = true;
    }

    void filesChanged() {
        filesChanged = true;
    }

    void snapshotDue() {
        snapshotDue = true;
    }

    boolean isSnapshotDue() {
        return snapshotDue;
    }

    boolean isNew() {
        return isNew;
    }

    /** Whether the name is on disk of a log that lives in the journal so far. */
    boolean isNameDurable() {
        return isNameDurable;
    }

    /** Whether the log has to be in the next ticket, by its topic's settings. */
    boolean isDue(LogConfig.FlushConfig flush, long nowMs) {
        return snapshotDue
                || filesChanged
                || unsyncedRecords >= flush.messages()
                || (unsyncedRecords > 0 && nowMs - unsyncedSinceMs >= flush.intervalMs());
    }

    /** All that waited is in a ticket now. */
    void collected() {
        isInTicket = true;
        unsyncedRecords = 0;
        unsyncedSinceMs = Long.MAX_VALUE;
        snapshotDue = false;
        filesChanged = false;
        isNew = false;
    }

    /** A checkpoint on disk has that recovery point. */
    void checkpointedAt(long recoveryPoint) {
        checkpointed = Math.max(checkpointed, recoveryPoint);
    }

    /** A checkpoint with the present synced end is about to be written. */
    void checkpointing() {
        checkpointed = Math.max(checkpointed, syncedEndOffset);
    }

    /** Whether the journal may have entries that concern the log. */
    boolean wasJournaled() {
        return wasJournaled;
    }

    /** Its entries so far no longer concern the log. */
    void leaveJournal() {
        wasJournaled = false;
    }

    /** Whether a ticket that somebody waits for is about the log's segments. */
    boolean isInTicket() {
        return isInTicket;
    }

    void ticketDone() {
        isInTicket = false;
    }

    /** Whether anything was written or cut since the log was opened. */
    boolean isChanged() {
        return isChanged;
    }

    void truncationNoted() {
        isTruncationNoted = true;
    }

    boolean isTruncationNoted() {
        return isTruncationNoted;
    }

    /** Whether a note of a cut lies in the directory; asking forgets it. */
    boolean takeTruncationNote() {
        boolean noted = isTruncationNoted;
        isTruncationNoted = false;
        return noted;
    }

    /** The greatest recovery point that a checkpoint on disk may have. */
    long checkpointed() {
        return checkpointed;
    }
}
