// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group;

import io.tailrace.cluster.coordinator.Batch;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Requests about the committed offsets of a group of any kind. */
public sealed interface OffsetRequest extends GroupRequest {

    /**
     * Commits offsets. Answered with {@link Committed}.
     *
     * @param memberId empty for a consumer that only stores offsets
     * @param generation of a classic member, or the member epoch of a KIP-848 one; negative for a consumer that only stores offsets
     * @param apiVersion of OffsetCommit: decides some error codes
     * @param retentionMs how long to keep them whatever the group does, or -1 for the broker's rule
     * @param producerId whose transaction it is part of, or {@link Batch#NO_PRODUCER_ID}
     */
    record Commit(
            String groupId,
            String memberId,
            @Nullable String instanceId,
            int generation,
            short apiVersion,
            long retentionMs,
            long producerId,
            short producerEpoch,
            List<Offset> offsets)
            implements OffsetRequest {

        /** Whether it counts only once the marker of its producer's transaction says commit. */
        public boolean transactional() {
            return producerId != Batch.NO_PRODUCER_ID;
        }
    }

    /** One offset to commit; the fields are those of {@link CommittedOffset}. */
    record Offset(TopicPartition partition, Uuid topicId, long offset, int leaderEpoch, String metadata) {}

    /** One error per offset, in order. */
    record Committed(List<Errors> errors) implements GroupAnswer {}

    /**
     * Reads offsets. Answered with {@link Fetched}.
     *
     * @param memberId of a KIP-848 consumer, else null
     * @param memberEpoch or -1
     * @param requireStable answer UNSTABLE_OFFSET_COMMIT for a partition that an open transaction has committed in
     * @param partitions null for all that the group has
     */
    record Fetch(
            String groupId,
            @Nullable String memberId,
            int memberEpoch,
            boolean requireStable,
            @Nullable List<TopicPartition> partitions)
            implements OffsetRequest {}

    /** @param error about the whole group; then {@code offsets} is empty */
    record Fetched(Errors error, List<FetchedOffset> offsets) implements GroupAnswer {}

    record FetchedOffset(TopicPartition partition, CommittedOffset offset, Errors error) {}

    /** Deletes offsets. Answered with {@link Deleted}. */
    record Delete(String groupId, List<TopicPartition> partitions) implements OffsetRequest {}

    /** @param error about the whole group; then {@code errors} is empty; else one per partition, in order */
    record Deleted(Errors error, List<Errors> errors) implements GroupAnswer {}

    /** A transaction of this producer ended. Answered with {@link Ended}. */
    record EndTransaction(long producerId, short producerEpoch, int coordinatorEpoch, boolean committed)
            implements OffsetRequest {
        @Override
        public String groupId() {
            return "";
        }
    }

    record Ended() implements GroupAnswer {}

    /**
     * Topics are no more, and offsets in them mean nothing: a topic made again under the name of one begins anew. Answered with {@link Dropped}.
     *
     * @param names of the topics by id
     */
    record DropTopics(Map<Uuid, String> names) implements OffsetRequest {
        public DropTopics {
            names = Map.copyOf(names);
        }

        @Override
        public String groupId() {
            return "";
        }

        /** Whether an offset was committed in one of them; the name decides only where no id was kept. */
        boolean covers(TopicPartition partition, Uuid topicId) {
            return topicId.equals(Uuid.ZERO_UUID) ? names.containsValue(partition.topic()) : names.containsKey(topicId);
        }
    }

    record Dropped() implements GroupAnswer {}
}
