// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.bus;

import io.tailrace.cluster.replication.FetchAnswer;
import io.tailrace.cluster.replication.FetchPosition;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One round of copying from one leader: brings the shard what the leader answered, and asks it what to ask next.
 *
 * <p>The reply comes when all that the answers brought is durable here, so that the positions in it can be told to the leader as such. One turn
 * for each leader at a time.
 *
 * @param leaderId the node that leads the partitions
 * @param answers to positions of the last reply; empty at first
 */
public record FollowerTurn(int leaderId, List<Answer> answers) implements LogRequest<FollowerTurn.Reply> {

    /**
     * @param answer null if none came
     * @param records whole batches, from position to limit; the shard's from now on
     */
    public record Answer(
            PartitionKey partition, FetchPosition position, @Nullable FetchAnswer answer, ByteBuffer records) {}

    /**
     * @param positions to be asked at once, all of them
     * @param retryAtMs when there may be more without anything happening, milliseconds since the epoch; Long.MAX_VALUE if never
     */
    public record Reply(List<Position> positions, long retryAtMs) {}

    /** @param mending whether the log was rotten and is copied anew: nobody is in a hurry for it */
    public record Position(PartitionKey partition, FetchPosition position, boolean mending) {}
}
