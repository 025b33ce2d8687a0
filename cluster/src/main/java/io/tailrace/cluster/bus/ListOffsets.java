// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.bus;

import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/** Finds offsets by timestamp, or one of Kafka's special timestamps (-1 latest, -2 earliest, -3 of the greatest timestamp, and so on). */
public record ListOffsets(Isolation isolation, List<Part> parts) implements LogRequest<ListOffsets.Reply> {

    /** @param leaderEpoch the epoch the asker believes in, or -1 */
    public record Part(PartitionKey partition, int leaderEpoch, long timestamp) {}

    /** One result per part, in order. */
    public record Reply(List<Result> results) {}

    /** @param offset or -1 if there is none; then {@code timestamp} and {@code leaderEpoch} are -1 too */
    public record Result(Errors error, long timestamp, long offset, int leaderEpoch) {

        public static final Result NOTHING = new Result(Errors.NONE, -1, -1, -1);

        public static Result refused(Errors error) {
            return new Result(error, -1, -1, -1);
        }
    }
}
