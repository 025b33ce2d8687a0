// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.chaos;

import java.util.List;
import org.apache.kafka.common.TopicPartition;

/** One thing that a client did. Times are milliseconds since the run began, of one clock for all clients. */
sealed interface Operation {

    /** What the client knows of how it ended. */
    enum Outcome {
        /** Acknowledged. */
        OK,
        /** Certainly not done. */
        FAILED,
        /** Nobody told: it may have been done, or be done yet. */
        UNKNOWN
    }

    /** How a consumer came by its partitions. */
    enum Mode {
        ASSIGN,
        SUBSCRIBE,
        /** Assigned all, from the beginning, when all was mended and no producer was left. */
        FINAL
    }

    /**
     * A record was sent.
     *
     * @param producer one producer object: within it and a partition, records are to stand in the order of {@code sequence}
     * @param value no other record has it
     * @param offset where it was acknowledged; -1 if the acknowledgement did not say, or there was none
     * @param error empty if OK
     */
    record Send(
            int producer,
            long sequence,
            TopicPartition partition,
            long value,
            long beganMs,
            long endedMs,
            Outcome outcome,
            long offset,
            String error)
            implements Operation {}

    /**
     * A poll that returned something.
     *
     * @param span number of the consumer's assignment: a new one begins when partitions come or go, or the consumer seeks
     */
    record Poll(int consumer, Mode mode, int span, long endedMs, List<Seen> seen) implements Operation {}

    /** One record as a consumer saw it. */
    record Seen(TopicPartition partition, long offset, long value) {}

    /**
     * A position was committed.
     *
     * @param consumer who committed it
     * @param offset of the next record that the group is to read
     */
    record Commit(int consumer, String group, TopicPartition partition, long offset, long endedMs, Outcome outcome)
            implements Operation {}

    /**
     * A committed position was asked for.
     *
     * @param offset -1 if there was none
     */
    record Committed(String group, TopicPartition partition, long offset, long beganMs) implements Operation {}
}
