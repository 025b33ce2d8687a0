// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.classic;

import io.tailrace.cluster.coordinator.TimerKey;

/** The timers of a classic group. */
sealed interface ClassicTimer extends TimerKey {

    String groupId();

    /** A member's session; moved back by each sign of life. */
    record Session(String groupId, String memberId) implements ClassicTimer {}

    /** How long an id that was given out waits for its member. */
    record Promise(String groupId, String memberId) implements ClassicTimer {}

    /** The end of the first phase of a round, be it the wait for more members or the rebalance timeout. */
    record Round(String groupId) implements ClassicTimer {}

    /** When members that joined must have sent SyncGroup (KAFKA-9752). */
    record SyncPhase(String groupId) implements ClassicTimer {}
}
