// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group;

import org.apache.kafka.common.Uuid;

/**
 * How far a group is in one partition.
 *
 * @param offset of the next record to read
 * @param leaderEpoch of the last record read, or -1
 * @param metadata free text of the committer; empty if null was sent
 * @param commitMs when it was committed
 * @param expireMs when it expires whatever the group does (OffsetCommit v2 to v4 with a retention time), or -1
 * @param topicId {@link Uuid#ZERO_UUID} if the committer's topic had none or did not exist
 */
public record CommittedOffset(
        long offset, int leaderEpoch, String metadata, long commitMs, long expireMs, Uuid topicId) {

    /** What a fetch answers where nothing was committed. */
    public static final CommittedOffset NONE = new CommittedOffset(-1, -1, "", -1, -1, Uuid.ZERO_UUID);
}
