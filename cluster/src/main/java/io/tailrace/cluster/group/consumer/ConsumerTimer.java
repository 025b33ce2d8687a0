// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import io.tailrace.cluster.coordinator.TimerKey;

/** The timers of a consumer group. */
sealed interface ConsumerTimer extends TimerKey {

    String groupId();

    String memberId();

    /** A member's session; moved back by each heartbeat. */
    record Session(String groupId, String memberId) implements ConsumerTimer {}

    /** How long a member may take to give partitions back; set while it is asked to. */
    record Revocation(String groupId, String memberId) implements ConsumerTimer {}
}
