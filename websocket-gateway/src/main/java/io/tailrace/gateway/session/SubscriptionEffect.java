// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

/** What a {@link SubscriptionMachine} wants done, in this order. */
public sealed interface SubscriptionEffect<B> {

    /** Find the offset of a start; answered by {@link SubscriptionEvent.Located} or {@link SubscriptionEvent.NotLocated}. */
    record Locate<B>(int partition, Start start) implements SubscriptionEffect<B> {}

    /** All starts are known: the subscriber can be told. Comes once, before any record. */
    record TellOpened<B>() implements SubscriptionEffect<B> {}

    /** The start of a partition that was added later is known. */
    record TellAdded<B>(int partition, Position position) implements SubscriptionEffect<B> {}

    /** Read at a position, without waiting for more to come; answered by {@link SubscriptionEvent.ReadDone}. */
    record ReadAt<B>(int partition, Position position, Credit.Grant grant) implements SubscriptionEffect<B> {}

    /** Be one of those that the shared read serves from this position on. */
    record JoinTail<B>(int partition, Position position) implements SubscriptionEffect<B> {}

    /** No more of the shared read. */
    record LeaveTail<B>(int partition) implements SubscriptionEffect<B> {}

    /** Send records to the subscriber. */
    record Deliver<B>(int partition, Chunk<B> chunk) implements SubscriptionEffect<B> {}

    /** Tell the subscriber what it will not get: {@code [fromOffset, toOffset)}; for a truncation, {@code [toOffset, fromOffset)} was replaced. */
    record TellGap<B>(int partition, long fromOffset, long toOffset, GapReason reason)
            implements SubscriptionEffect<B> {}

    record TellState<B>(int partition, PartitionState state) implements SubscriptionEffect<B> {}

    /** Send {@link SubscriptionEvent.RetryDue} after this time. @param attempt from 1; how often in a row it failed */
    record RetryLater<B>(int partition, int attempt) implements SubscriptionEffect<B> {}

    /** Send {@link SubscriptionEvent.PauseOver} after this time. */
    record Pause<B>(int partition, long delayMs) implements SubscriptionEffect<B> {}

    /** The topic is gone: tell the subscriber and forget the subscription. The machine is closed. */
    record EndAsGone<B>() implements SubscriptionEffect<B> {}
}
