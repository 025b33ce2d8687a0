// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.gateway;

import io.tailrace.cluster.bus.DescribePartitions;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.bus.Read;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.protocol.Errors;

/**
 * What the gateway of one node asks of another node, and what it is told. Times to wait are spans: no two nodes have the same clock. Who
 * asks has authorised the visitor for what concerns records; {@link AskApi} carries the visitor along.
 */
public sealed interface NodeCall {

    /**
     * Committed records of a partition that the node leads.
     *
     * @param lastFetchedEpoch as in {@link Read.Part}
     * @param maxBytes the first batch comes whole
     * @param waitMs for a record, if there is none
     */
    record ReadAt(PartitionKey partition, long offset, int lastFetchedEpoch, int maxBytes, long waitMs)
            implements NodeCall {}

    /**
     * The answer to {@link ReadAt}; as {@link Read.Result}.
     *
     * @param records whole batches; nobody writes to them
     * @param baseOffset of the first batch
     */
    record Found(
            Errors error,
            ByteBuffer records,
            long baseOffset,
            long highWatermark,
            long lastStableOffset,
            long logStartOffset,
            List<Read.AbortedTransaction> aborted,
            Optional<Read.Divergence> diverging)
            implements NodeCall {}

    /** As {@link io.tailrace.cluster.bus.ListOffsets}, of committed records. */
    record Locate(PartitionKey partition, long timestamp) implements NodeCall {}

    record Located(Errors error, long timestamp, long offset, int leaderEpoch) implements NodeCall {}

    /** A batch of a client, for all in-sync replicas. */
    record Write(PartitionKey partition, ByteBuffer batch, long waitMs) implements NodeCall {}

    /** @param message for people; empty without one */
    record Written(Errors error, long baseOffset, String message) implements NodeCall {}

    /** What the node holds on its disks. */
    record Describe() implements NodeCall {}

    record Described(List<DescribePartitions.Directory> directories, List<DescribePartitions.Partition> partitions)
            implements NodeCall {}

    /**
     * One of Kafka's APIs, on behalf of a visitor.
     *
     * @param request in Kafka's own encoding, without a header
     */
    record AskApi(
            String principalType, String principalName, String host, short apiKey, short version, ByteBuffer request)
            implements NodeCall {}

    /** @param response in Kafka's own encoding, without a header */
    record Answered(ByteBuffer response) implements NodeCall {}

    /** There is no answer; the log of the node says why. */
    record Failed(String reason) implements NodeCall {}
}
