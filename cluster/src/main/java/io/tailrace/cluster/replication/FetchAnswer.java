// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication;

import io.tailrace.log.epoch.EpochEnd;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * What a leader answers to one {@link FetchPosition}; the records travel beside it.
 *
 * @param error OFFSET_OUT_OF_RANGE: the leader has nothing in common with the follower's log. The offset is out of its range, or the follower's
 *     last epoch ended at or below the leader's log start, so that there is nothing left to compare
 * @param highWatermark of the leader; to be ignored beside a divergence (KAFKA-14704), as {@code logStartOffset} is
 * @param logStartOffset of the leader; also with OFFSET_OUT_OF_RANGE
 * @param diverging the largest epoch of the leader that is not above the follower's last one, and where it ends; null if the follower's log is
 *     a prefix of the leader's
 * @param recordsBaseOffset of the first batch that came along, or -1 if none did; below the fetch offset if that lies inside a batch
 */
public record FetchAnswer(
        Errors error, long highWatermark, long logStartOffset, @Nullable EpochEnd diverging, long recordsBaseOffset) {

    public static FetchAnswer refused(Errors error) {
        return new FetchAnswer(error, -1, -1, null, -1);
    }
}
