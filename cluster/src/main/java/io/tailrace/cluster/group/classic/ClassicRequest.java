// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.classic;

import io.tailrace.cluster.group.GroupAnswer;
import io.tailrace.cluster.group.GroupRequest;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Requests of the classic group protocol, and of administrators about classic groups, with their answers. */
public sealed interface ClassicRequest extends GroupRequest {

    /** One way to assign that a member knows, with its subscription; opaque to the coordinator. */
    @SuppressWarnings("ArrayRecordComponent")
    record Protocol(String name, byte[] metadata) {}

    /**
     * Who a client is.
     *
     * @param host as Kafka writes it: a slash and the address
     */
    record Client(String id, String host) {}

    /**
     * Joins the group, or joins it anew for the next generation. Answered with {@link Joined}.
     *
     * @param memberId empty for a member that has none yet
     * @param instanceId of a static member (KIP-345), else null
     * @param freshId random text that makes a new member's id unique
     * @param protocols in the member's order of preference
     * @param askForId whether a new dynamic member is told its id first and joins with it (KIP-394, from version 4 on)
     * @param canSkipAssignment whether the client understands being leader without assigning (KIP-814, from version 9 on)
     */
    record Join(
            String groupId,
            String memberId,
            @Nullable String instanceId,
            String freshId,
            Client client,
            String protocolType,
            List<Protocol> protocols,
            int sessionTimeoutMs,
            int rebalanceTimeoutMs,
            boolean askForId,
            boolean canSkipAssignment)
            implements ClassicRequest {

        @Override
        public boolean refounds(GroupType other) {
            return other == GroupType.CONSUMER;
        }
    }

    /** One member as the leader sees it. */
    @SuppressWarnings("ArrayRecordComponent")
    record Peer(String memberId, @Nullable String instanceId, byte[] metadata) {}

    /**
     * @param generation or -1 with an error
     * @param protocolType null with an error
     * @param protocolName null with an error
     * @param peers for the leader, else empty
     */
    record Joined(
            Errors error,
            int generation,
            @Nullable String protocolType,
            @Nullable String protocolName,
            String leader,
            boolean skipAssignment,
            String memberId,
            List<Peer> peers)
            implements GroupAnswer {

        public static Joined refused(Errors error, String memberId) {
            return new Joined(error, -1, null, null, "", false, memberId, List.of());
        }
    }

    /**
     * Asks for the assignment; the leader's brings it for all. Answered with {@link Synced}.
     *
     * @param protocolType to be checked, or null
     * @param protocolName to be checked, or null
     * @param assignments by member id; used from the leader only
     */
    record Sync(
            String groupId,
            String memberId,
            @Nullable String instanceId,
            int generation,
            @Nullable String protocolType,
            @Nullable String protocolName,
            Map<String, byte[]> assignments)
            implements ClassicRequest {}

    @SuppressWarnings("ArrayRecordComponent")
    record Synced(Errors error, @Nullable String protocolType, @Nullable String protocolName, byte[] assignment)
            implements GroupAnswer {

        private static final byte[] NOTHING = {};

        public static Synced refused(Errors error) {
            return new Synced(error, null, null, NOTHING);
        }
    }

    /** Answered with {@link Beaten}. */
    record Heartbeat(String groupId, String memberId, @Nullable String instanceId, int generation)
            implements ClassicRequest {}

    record Beaten(Errors error) implements GroupAnswer {}

    /** Answered with {@link Left}. */
    record Leave(String groupId, List<Leaver> leavers) implements ClassicRequest {}

    /** @param memberId empty for a static member known by its instance id alone */
    record Leaver(String memberId, @Nullable String instanceId) {}

    /** @param errors one per leaver, in order; empty if {@code error} is about the whole group */
    record Left(Errors error, List<Errors> errors) implements GroupAnswer {}

    /**
     * The connection of a member closed: it has this long to show up again. Nothing happens to static members. Members of consumer groups
     * are meant too, whatever protocol they speak. Answered with {@link Beaten}.
     */
    record Disconnected(String groupId, String memberId, long graceMs) implements ClassicRequest {}

    /** Answered with {@link Described}. */
    record Describe(String groupId) implements ClassicRequest {}

    /** @param error GROUP_ID_NOT_FOUND if there is no such classic group */
    record Described(
            Errors error, String state, String protocolType, String protocolName, List<DescribedMember> members)
            implements GroupAnswer {}

    @SuppressWarnings("ArrayRecordComponent")
    record DescribedMember(
            String memberId, @Nullable String instanceId, Client client, byte[] metadata, byte[] assignment) {}
}
