// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.group;

import java.util.Set;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** What a {@link MemberMachine} is told. Partitions are of the one topic that was subscribed to. */
public sealed interface MemberEvent {

    /** Somebody subscribed. */
    record Started() implements MemberEvent {}

    /** The coordinator is there. */
    record Found() implements MemberEvent {}

    /** A heartbeat was answered. @param assigned all that the member shall have; null if that has not changed */
    record Beaten(int epoch, long intervalMs, @Nullable Set<Integer> assigned) implements MemberEvent {}

    /** The coordinator was not found, or refused a heartbeat. */
    record Refused(Errors error) implements MemberEvent {}

    /** The time asked for by {@link MemberEffect.BeatLater} is over. */
    record BeatDue() implements MemberEvent {}

    /** The time asked for by {@link MemberEffect.FindLater} is over. */
    record FindDue() implements MemberEvent {}

    /** The client is done with partitions that it was told to give back. */
    record Released(Set<Integer> partitions) implements MemberEvent {}

    /** The client has had its time to give them back. */
    record ReleaseDue(Set<Integer> partitions) implements MemberEvent {}

    /** The client left, or its connection did. */
    record Closed() implements MemberEvent {}
}
