// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.bus;

import io.tailrace.log.compaction.CleaningClaim;
import io.tailrace.log.compaction.CompactionResult.Replacement;
import java.util.OptionalLong;

/**
 * Gives a log one segment of a pass of compaction, in the order of offsets; one at a time, so that appends come between.
 *
 * @param claim that came with the pass
 * @param cleanedTo with the last one: where the next pass begins
 */
public record TakeInCleaned(PartitionKey partition, CleaningClaim claim, Replacement cleaned, OptionalLong cleanedTo)
        implements LogRequest<TakeInCleaned.Reply> {

    /** @param taken false if the log has changed meanwhile: the pass is over, and what is left of its files is the asker's to remove */
    public record Reply(boolean taken) {}
}
