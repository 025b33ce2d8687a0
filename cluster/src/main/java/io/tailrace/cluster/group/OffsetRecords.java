// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group;

import io.tailrace.cluster.coordinator.CoordinatorRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.coordinator.group.generated.OffsetCommitKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitValue;

/** A committed offset as a record, and back. */
final class OffsetRecords {

    /** With an expiry time: the only version that has one (Kafka writes the same). */
    private static final int VERSION_WITH_EXPIRY = 1;

    /** With leader epoch and topic id. */
    private static final int VERSION = 4;

    private OffsetRecords() {}

    static CoordinatorRecord committed(String groupId, TopicPartition partition, CommittedOffset offset) {
        OffsetCommitValue value = new OffsetCommitValue()
                .setOffset(offset.offset())
                .setLeaderEpoch(offset.leaderEpoch())
                .setMetadata(offset.metadata())
                .setCommitTimestamp(offset.commitMs())
                .setExpireTimestamp(offset.expireMs())
                .setTopicId(offset.topicId());
        return CoordinatorRecord.of(
                key(groupId, partition), value, offset.expireMs() < 0 ? VERSION : VERSION_WITH_EXPIRY);
    }

    static CoordinatorRecord deleted(String groupId, TopicPartition partition) {
        return CoordinatorRecord.tombstone(key(groupId, partition));
    }

    /** The value as it will be read back: what the version cannot hold is left out, so that live state equals replayed state. */
    static CommittedOffset read(OffsetCommitValue value, short version) {
        return new CommittedOffset(
                value.offset(),
                version >= 3 ? value.leaderEpoch() : -1,
                value.metadata(),
                value.commitTimestamp(),
                version == VERSION_WITH_EXPIRY ? value.expireTimestamp() : -1,
                version >= VERSION ? value.topicId() : org.apache.kafka.common.Uuid.ZERO_UUID);
    }

    private static OffsetCommitKey key(String groupId, TopicPartition partition) {
        return new OffsetCommitKey()
                .setGroup(groupId)
                .setTopic(partition.topic())
                .setPartition(partition.partition());
    }
}
