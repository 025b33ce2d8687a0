// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.classic;

import io.tailrace.cluster.coordinator.CoordinatorRecord;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;
import org.jspecify.annotations.Nullable;

/**
 * What the log knows of a classic group: one generation with its members and their assignments, in a {@code GroupMetadataValue}. This is the
 * replicated state; who has joined for the next generation is soft.
 */
record ClassicSnapshot(GroupMetadataValue value) {

    /** The version that Kafka 4 writes; version 4 only adds tagged fields. */
    private static final int VERSION = 3;

    static CoordinatorRecord record(ClassicGroup group, long nowMs) {
        GroupMetadataValue value = new GroupMetadataValue()
                .setProtocolType(group.protocolType())
                .setGeneration(group.generation())
                .setProtocol(group.protocolName())
                .setLeader(group.leader())
                .setCurrentStateTimestamp(nowMs);
        for (ClassicMember member : group.members()) {
            value.members()
                    .add(new GroupMetadataValue.MemberMetadata()
                            .setMemberId(member.memberId())
                            .setGroupInstanceId(member.instanceId())
                            .setClientId(member.client().id())
                            .setClientHost(member.client().host())
                            .setRebalanceTimeout(member.rebalanceTimeoutMs())
                            .setSessionTimeout(member.sessionTimeoutMs())
                            .setSubscription(subscription(member, group.protocolName()))
                            .setAssignment(member.assignment()));
        }
        return CoordinatorRecord.of(key(group.groupId()), value, VERSION);
    }

    private static byte[] subscription(ClassicMember member, @Nullable String protocol) {
        return protocol == null ? ClassicMember.NOTHING : member.metadata(protocol);
    }

    static CoordinatorRecord tombstone(String groupId) {
        return CoordinatorRecord.tombstone(key(groupId));
    }

    private static GroupMetadataKey key(String groupId) {
        return new GroupMetadataKey().setGroup(groupId);
    }
}
