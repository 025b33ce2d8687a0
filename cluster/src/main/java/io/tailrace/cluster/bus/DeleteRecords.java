// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.bus;

import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/** Raises the log start offset (KIP-107). Never above the high watermark. */
public record DeleteRecords(long deadlineMs, List<Part> parts) implements LogRequest<DeleteRecords.Reply> {

    /** @param beforeOffset everything below goes; -1 stands for the high watermark */
    public record Part(PartitionKey partition, long beforeOffset) {}

    /** One result per part, in order. */
    public record Reply(List<Result> results) {}

    /** @param lowWatermark the smallest log start offset of all replicas, or -1 */
    public record Result(Errors error, long lowWatermark) {}
}
