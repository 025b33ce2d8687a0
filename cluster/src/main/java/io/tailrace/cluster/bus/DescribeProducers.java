// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.bus;

import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/** The producers that a partition remembers (KIP-664). */
public record DescribeProducers(List<PartitionKey> partitions) implements LogRequest<DescribeProducers.Reply> {

    /** One result per partition, in order. */
    public record Reply(List<Result> results) {}

    public record Result(Errors error, List<Producer> producers) {}

    /**
     * @param lastSequence or -1 after a control batch
     * @param coordinatorEpoch of the last transaction marker, or -1
     * @param transactionStartOffset or -1 if no transaction is open here
     */
    public record Producer(
            long producerId,
            short producerEpoch,
            int lastSequence,
            long lastTimestampMs,
            int coordinatorEpoch,
            long transactionStartOffset) {}
}
