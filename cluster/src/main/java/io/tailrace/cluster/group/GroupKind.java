// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group;

import io.tailrace.cluster.coordinator.CoordinatorRecord;
import io.tailrace.cluster.coordinator.TimerKey;
import io.tailrace.cluster.coordinator.Turn;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/**
 * A kind of group: the extension point for protocols. {@link GroupMachine} hands each request, record, timer and follow-up to one kind.
 *
 * <p><b>Who gets a request.</b> The kind of the group that exists under this id, if it {@linkplain #serves serves} the request (a consumer
 * group may serve classic joins, for migration); else the first kind registered that serves it. That kind then meets a group of another kind
 * under the id, and either takes it over ({@link GroupTable#put} replaces) or answers with the error that Kafka gives.
 *
 * <p>The rules of {@link io.tailrace.cluster.coordinator.CoordinatorState} hold: replicated state changes in {@link #apply} alone.
 */
public interface GroupKind {

    /** Whether it can decide this request. */
    boolean serves(GroupRequest request);

    /** As {@link io.tailrace.cluster.coordinator.CoordinatorState#decide}. */
    void decide(GroupRequest request, long ticket, Turn<GroupAnswer, GroupFollowUp> turn);

    /** Whether records with this key are its own. */
    boolean owns(ApiMessage recordKey);

    /** Takes in one of its own records. */
    void apply(CoordinatorRecord record);

    /** Whether this timer is its own. */
    boolean owns(TimerKey timer);

    default void onTimer(TimerKey timer, Turn<GroupAnswer, GroupFollowUp> turn) {}

    /** Whether this follow-up is its own. */
    boolean owns(GroupFollowUp followUp);

    default void onDurable(GroupFollowUp followUp, Turn<GroupAnswer, GroupFollowUp> turn) {}

    default void onRefused(GroupFollowUp followUp, Errors error, Turn<GroupAnswer, GroupFollowUp> turn) {}

    /** The partition was replayed: build soft state and set timers for the groups of this kind in the table. */
    default void onLoaded(Turn<GroupAnswer, GroupFollowUp> turn) {}
}
