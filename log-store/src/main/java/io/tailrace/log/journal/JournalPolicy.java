// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.journal;

/**
 * Which appends of a turn go through the journal. Their bytes are written twice, once here and once, unsynced, to their segment:
 * so it is worth it for what is small, where a sync costs more than the bytes do.
 *
 * @param fileBytes size of one journal file; 0 turns the journal off
 * @param maxLogBytes the most one partition may have staged
 * @param maxTurnBytes the most a turn with few partitions may have staged in all
 * @param fewLogs with more partitions than this in a turn, what it has staged in all does not matter
 */
public record JournalPolicy(int fileBytes, int maxLogBytes, int maxTurnBytes, int fewLogs) {

    public static final JournalPolicy DEFAULT = new JournalPolicy(16 << 20, 64 << 10, 128 << 10, 4);

    public static final JournalPolicy OFF = new JournalPolicy(0, 0, 0, 0);

    public boolean isOn() {
        return fileBytes > 0;
    }

    /** Whether a partition's batches go through the journal. */
    public boolean takes(long logBytes, long turnBytes, int logs) {
        return isOn() && logBytes <= maxLogBytes && (turnBytes <= maxTurnBytes || logs > fewLogs);
    }
}
