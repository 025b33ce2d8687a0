// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.coordinator;

import org.apache.kafka.common.protocol.Errors;

/**
 * What a {@link CoordinatorState} may do while it takes in one event. Valid during that call only.
 *
 * @param <A> answers
 * @param <F> follow-ups
 */
public interface Turn<A, F> {

    /** The host's clock, milliseconds since the epoch. */
    long nowMs();

    /**
     * Writes a record: it is applied before this call returns, and it goes to the log with the other records of the turn in one batch, all or
     * none of them, unless {@link #divide} allowed otherwise.
     */
    void persist(CoordinatorRecord record);

    /** As {@link #persist}, as part of a producer's transaction. */
    void persistTransactional(long producerId, short producerEpoch, CoordinatorRecord record);

    /** Ends a producer's transaction in this partition: applied at once, and written as a control batch of its own. */
    void writeMarker(long producerId, short producerEpoch, int coordinatorEpoch, boolean committed);

    /** The records before this call and those after it need not be in one batch. For long clean-ups. */
    void divide();

    /**
     * Answers a request once all that was written so far, by this turn and by earlier ones, is durable. An answer never tells of state that
     * could still be taken back.
     */
    void reply(long ticket, A answer);

    /** Answers a request without waiting for the log: for answers that depend on soft state alone, such as a heartbeat's. */
    void replyNow(long ticket, A answer);

    /** Refuses a request at once with an error that says nothing of the state. */
    void refuse(long ticket, Errors error);

    /** Wants {@link CoordinatorState#onDurable} or {@link CoordinatorState#onRefused} called when the fate of what was written so far is known. */
    void followUp(F followUp);

    /** Sets or moves a timer. A time in the past fires at the next wake-up. */
    void setTimer(TimerKey key, long atMs);

    /** Forgets a timer; nothing happens if it is not set. */
    void cancelTimer(TimerKey key);
}
