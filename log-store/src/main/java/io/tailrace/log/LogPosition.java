// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.epoch.EpochStart;
import io.tailrace.log.producer.ProducerStates;
import java.util.List;

/**
 * What a checkpoint says of a log.
 *
 * @param logStartOffset the first offset that may be read
 * @param recoveryPoint the end (exclusive) of what was synced
 * @param endOffset of the log; right after a clean stop only, and not for one that was not used since a crash: {@link #UNKNOWN}
 * @param sizeBytes of all segments; right after a clean stop only
 * @param journalFloor sequence of the last journal entry that no longer concerns the log, or 0
 * @param cleanedEndOffset the end (exclusive) of what compaction has done with, or 0
 * @param forgottenUpTo the greatest id of a producer that may have written here and that snapshots may not have
 * @param epochs leader epochs that are not in the partition's own file yet
 */
record LogPosition(
        long logStartOffset,
        long recoveryPoint,
        long endOffset,
        long sizeBytes,
        long journalFloor,
        long cleanedEndOffset,
        long forgottenUpTo,
        List<EpochStart> epochs) {

    /** The end of a log that nobody has looked at since a crash. */
    static final long UNKNOWN = -1;

    /** Of a new log. */
    static LogPosition empty(long journalFloor) {
        return new LogPosition(0, 0, 0, 0, journalFloor, 0, ProducerStates.NOBODY, List.of());
    }
}
