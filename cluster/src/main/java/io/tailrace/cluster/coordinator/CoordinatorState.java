// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.coordinator;

/**
 * What a coordinator is, apart from the log it lives on: the part that {@link PartitionCoordinator} runs for each partition.
 *
 * <p><b>Two kinds of state.</b> <i>Replicated</i> state changes in {@link #apply} alone, live and on replay alike, and lives in
 * {@link JournaledMap}s and {@link JournaledCell}s so that a refused write can be taken back. <i>Soft</i> state (who waits in a join round,
 * when a session ends) may change in any call; it is lost with the partition's leadership, and it must be possible to build it anew from the
 * replicated state in {@link #onLoaded}.
 *
 * <p>A state does no I/O, reads no clock and draws no randomness; what it needs of those comes in requests and {@link Turn#nowMs()}.
 *
 * @param <Q> requests
 * @param <A> answers
 * @param <F> follow-ups: what the state wants to be told when records of a turn have become durable or were refused
 */
public interface CoordinatorState<Q, A, F> {

    /** Answers a request, now or in a later turn: a ticket may be kept and answered by any turn of this state, once. */
    void decide(Q request, long ticket, Turn<A, F> turn);

    /**
     * Takes one record into the replicated state. Must depend on nothing but that state and the record, so that replay equals live.
     *
     * @param producerId whose transaction the record is part of, or {@link Batch#NO_PRODUCER_ID}; records of a transaction count once its
     *     {@linkplain #applyMarker marker} says commit
     */
    void apply(CoordinatorRecord record, long producerId);

    /** The end of a producer's transaction in this partition. */
    default void applyMarker(long producerId, short producerEpoch, boolean committed) {}

    /** The log was replayed to its end: set the timers that the state needs. */
    default void onLoaded(Turn<A, F> turn) {}

    /** A timer fired. */
    default void onTimer(TimerKey timer, Turn<A, F> turn) {}

    /** The records of the turn that left this follow-up are durable. */
    default void onDurable(F followUp, Turn<A, F> turn) {}

    /** The records of the turn that left this follow-up are not in the log, and the replicated state is as before that turn. */
    default void onRefused(F followUp, org.apache.kafka.common.protocol.Errors error, Turn<A, F> turn) {}
}
