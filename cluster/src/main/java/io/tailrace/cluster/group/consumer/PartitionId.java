// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import org.apache.kafka.common.Uuid;

/** A partition as assignments name it: by topic id, so that a topic made anew under an old name is another one. */
public record PartitionId(Uuid topicId, int partition) implements Comparable<PartitionId> {

    @Override
    public int compareTo(PartitionId other) {
        int byTopic = topicId.compareTo(other.topicId);
        return byTopic != 0 ? byTopic : Integer.compare(partition, other.partition);
    }
}
