// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.bus;

import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/** Where leader epochs end in the leader's log (KIP-101, KIP-279). */
public record EpochEnd(List<Part> parts) implements LogRequest<EpochEnd.Reply> {

    /**
     * @param currentLeaderEpoch the epoch the asker believes the leader has, or -1
     * @param epoch the epoch asked about
     */
    public record Part(PartitionKey partition, int currentLeaderEpoch, int epoch) {}

    /** One result per part, in order. */
    public record Reply(List<Result> results) {}

    /**
     * @param epoch the largest epoch in the log that is not above the one asked for, or -1
     * @param endOffset where that epoch ends (exclusive), or -1
     */
    public record Result(Errors error, int epoch, long endOffset) {

        public static Result refused(Errors error) {
            return new Result(error, -1, -1);
        }
    }
}
