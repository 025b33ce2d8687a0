// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.recovery;

import io.tailrace.log.epoch.LeaderEpochs;
import io.tailrace.log.producer.ProducerStates;
import io.tailrace.log.segment.Segments;

/**
 * What a log has in memory while it is in use.
 *
 * @param producers as of the end of {@code segments}
 * @param logStartOffset of the log, at least that of its first segment
 * @param wasCut whether a crash had torn bytes behind the last sound batch, which were never promised and are cut off
 */
public record LoadedLog(
        Segments segments, LeaderEpochs epochs, ProducerStates producers, long logStartOffset, boolean wasCut) {}
