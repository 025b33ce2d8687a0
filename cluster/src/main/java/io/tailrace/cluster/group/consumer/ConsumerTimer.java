// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import io.tailrace.cluster.coordinator.TimerKey;
import io.tailrace.cluster.coordinator.Turn;

/** The timers of a consumer group. */
sealed interface ConsumerTimer extends TimerKey {

    String groupId();

    String memberId();

    /** A member's session; moved back by each heartbeat. */
    record Session(String groupId, String memberId) implements ConsumerTimer {}

    /** How long a member may take to give partitions back; set while it is asked to. */
    record Revocation(String groupId, String memberId) implements ConsumerTimer {}

    /** How long a classic member may take to join again; set while it is told that a rebalance is in progress. */
    record Join(String groupId, String memberId) implements ConsumerTimer {}

    /** How long a classic member that joined may take to ask for its assignment. */
    record Sync(String groupId, String memberId) implements ConsumerTimer {}

    static void cancelAll(String groupId, String memberId, Turn<?, ?> turn) {
        turn.cancelTimer(new Session(groupId, memberId));
        turn.cancelTimer(new Revocation(groupId, memberId));
        turn.cancelTimer(new Join(groupId, memberId));
        turn.cancelTimer(new Sync(groupId, memberId));
    }
}
