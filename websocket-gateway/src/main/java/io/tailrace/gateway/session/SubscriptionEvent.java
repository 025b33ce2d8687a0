// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

import java.util.Map;
import java.util.Set;

/** What a {@link SubscriptionMachine} is told. Offsets of one partition come in order, as there is one question about it at a time. */
public sealed interface SubscriptionEvent<B> {

    /** Somebody subscribed. @param starts by partition */
    record Opened<B>(Map<Integer, Start> starts) implements SubscriptionEvent<B> {}

    /** The topic has more partitions than before; those that are subscribed to already are passed over. */
    record PartitionsAdded<B>(Map<Integer, Start> starts) implements SubscriptionEvent<B> {}

    /** These are not to be read any longer; what is on its way from them is for nobody. */
    record PartitionsRemoved<B>(Set<Integer> partitions) implements SubscriptionEvent<B> {}

    /** A start was found. */
    record Located<B>(int partition, Position position) implements SubscriptionEvent<B> {}

    /** A start could not be found, yet or ever: {@link ReadOutcome.Unavailable} or {@link ReadOutcome.Gone}. */
    record NotLocated<B>(int partition, ReadOutcome<B> why) implements SubscriptionEvent<B> {}

    /** A read came back. */
    record ReadDone<B>(int partition, ReadOutcome<B> outcome) implements SubscriptionEvent<B> {}

    /** New records, straight from the shared read. There is nothing for this subscription between where it stands and where {@code chunk} begins. */
    record TailArrived<B>(int partition, Chunk<B> chunk) implements SubscriptionEvent<B> {}

    /**
     * The shared read has moved on past this subscription, or has failed: read for yourself.
     *
     * @param served there is nothing for this subscription before it that it was not given
     */
    record TailMissed<B>(int partition, Position served) implements SubscriptionEvent<B> {}

    /** The subscriber allows more. */
    record CreditAdded<B>(long records, long bytes) implements SubscriptionEvent<B> {}

    /** The socket takes no more for now. */
    record SocketFilled<B>() implements SubscriptionEvent<B> {}

    /** The socket takes bytes again. */
    record SocketDrained<B>() implements SubscriptionEvent<B> {}

    /** The time asked for by {@link SubscriptionEffect.RetryLater} is over. */
    record RetryDue<B>(int partition) implements SubscriptionEvent<B> {}

    /** The time asked for by {@link SubscriptionEffect.Pause} is over. */
    record PauseOver<B>(int partition) implements SubscriptionEvent<B> {}

    /** The subscriber left, or its connection did. */
    record Closed<B>() implements SubscriptionEvent<B> {}
}
