// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.producer;

import org.apache.kafka.common.protocol.Errors;

/** What {@link ProducerStates#check} says about a batch that is about to be appended. */
public sealed interface ProducerVerdict {

    /** The batch is next in line, or has no producer id. */
    enum Accepted implements ProducerVerdict {
        ACCEPTED
    }

    /**
     * The batch is in the log already. It is not appended again; its producer is
     * answered with the original offsets once those are as durable as it asked for.
     *
     * @param firstOffset of the original; -1 if it is not one of those that are remembered (the last five of its producer, or the last one after a restart)
     * @param lastOffset of the original, inclusive, or of a later one if that is not known
     * @param timestamp its max timestamp, or that of the later one
     */
    record Duplicate(long firstOffset, long lastOffset, long timestamp) implements ProducerVerdict {}

    /** The batch must not be appended. */
    record Refused(Errors error, String message) implements ProducerVerdict {}
}
