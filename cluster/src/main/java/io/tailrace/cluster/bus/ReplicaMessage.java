// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.bus;

import io.tailrace.cluster.replication.FetchAnswer;
import io.tailrace.cluster.replication.FetchPosition;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.Uuid;

/** What replicas say to each other; {@link ReplicaCodec} has the bytes. May be lost, late or double. */
public sealed interface ReplicaMessage {

    /**
     * A follower asks for everything that it copies from one node. Answered by {@link Fetched}, at the latest after {@code maxWaitMs}.
     *
     * @param followerId the node that asks
     * @param brokerEpoch of its current start
     * @param maxBytes of all records together; a first batch may be larger
     */
    record Fetch(int followerId, long brokerEpoch, int maxWaitMs, int maxBytes, List<Part> parts)
            implements ReplicaMessage {}

    record Part(Uuid topicId, int partition, FetchPosition position) {}

    /** One result per part, in order. */
    record Fetched(List<Result> results) implements ReplicaMessage {}

    /** @param records whole batches, from position to limit; read-only for whoever gets it */
    record Result(FetchAnswer answer, ByteBuffer records) {}

    /** The follower has something more urgent to ask: its fetch that waits is to be answered now. No answer of its own. */
    record Release(int followerId) implements ReplicaMessage {}
}
