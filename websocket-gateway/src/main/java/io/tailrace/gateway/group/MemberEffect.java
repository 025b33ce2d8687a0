// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.group;

import java.util.Set;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** What a {@link MemberMachine} wants done, in this order. */
public sealed interface MemberEffect {

    /** Find the group's coordinator; answered by {@link MemberEvent.Found} or {@link MemberEvent.Refused}. */
    record Find() implements MemberEffect {}

    /** Send {@link MemberEvent.FindDue} after a while. @param attempt from 1; how often in a row it failed */
    record FindLater(int attempt) implements MemberEffect {}

    /**
     * Send a heartbeat; answered by {@link MemberEvent.Beaten} or {@link MemberEvent.Refused}.
     *
     * @param epoch 0 to join
     * @param owned what the member has; null if that was told before
     */
    record Beat(int epoch, @Nullable Set<Integer> owned) implements MemberEffect {}

    /** Send {@link MemberEvent.BeatDue} after this time, unless another heartbeat is asked for before. */
    record BeatLater(long delayMs) implements MemberEffect {}

    /** It is a member now. Comes once. */
    record Opened() implements MemberEffect {}

    /** Read these from where the group is. */
    record Read(Set<Integer> partitions) implements MemberEffect {}

    /** Read these no longer, tell the client to give them back, and send {@link MemberEvent.ReleaseDue} when it has had its time. */
    record Revoke(Set<Integer> partitions) implements MemberEffect {}

    /** They belong to others already: read them no longer and tell the client. */
    record Lose(Set<Integer> partitions) implements MemberEffect {}

    /** Say goodbye to the coordinator, without waiting for an answer. */
    record Leave() implements MemberEffect {}

    /** This will never do: tell the client, and forget the subscription. The machine is closed. */
    record Fail(Errors error) implements MemberEffect {}
}
