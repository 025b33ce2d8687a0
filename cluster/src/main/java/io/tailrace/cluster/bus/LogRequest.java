// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.bus;

/**
 * What a partition-log shard can be asked, at {@link Addresses#log}.
 *
 * <p><b>Contract of the shard.</b> It answers each request exactly once, unless the process dies; also when it stops. Refusals are values
 * inside the reply, one per partition, in the order of the request. A request names only partitions of that shard ({@link
 * PartitionKey#shard}); one that it does not host is answered with {@code NOT_LEADER_OR_FOLLOWER} or {@code UNKNOWN_TOPIC_ID}.
 *
 * <p><b>Order.</b> Requests of one sender are taken in the order sent; replies may overtake each other.
 *
 * <p><b>Deadlines</b> are milliseconds since the epoch and are kept by the shard, never by giving up on its reply: a caller that walked away
 * would free buffers that the shard still reads.
 *
 * @param <R> the reply
 */
public sealed interface LogRequest<R>
        permits Append,
                Read,
                ReleaseRead,
                ListOffsets,
                EpochEnd,
                DeleteRecords,
                FollowerTurn,
                DescribePartitions,
                DescribeProducers,
                FindCleanable,
                TakeInCleaned,
                FoundCorrupt {}
