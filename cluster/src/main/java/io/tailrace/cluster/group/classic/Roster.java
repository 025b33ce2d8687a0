// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.classic;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The members of a live group of protocol type {@code consumer}, as one kind of group hands them to another when the group changes its
 * protocol.
 *
 * @param generation that the members are in; the group epoch of a consumer group
 * @param protocolName elected for that generation; null if none was yet
 */
public record Roster(int generation, @Nullable String protocolName, List<Member> members) {

    public Roster {
        members = List.copyOf(members);
    }

    /**
     * One member.
     *
     * @param protocols with its subscription in the format of the consumer's embedded protocol; at least one
     * @param assignment in that format too; empty bytes for none
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Member(
            String memberId,
            @Nullable String instanceId,
            ClassicRequest.Client client,
            List<ClassicRequest.Protocol> protocols,
            int sessionTimeoutMs,
            int rebalanceTimeoutMs,
            byte[] assignment) {

        /** What it subscribed to when it joined with this protocol; with its first one if it does not know that. */
        public byte[] subscription(@Nullable String protocol) {
            return protocols.stream()
                    .filter(known -> known.name().equals(protocol))
                    .findFirst()
                    .orElseGet(() -> protocols.get(0))
                    .metadata();
        }
    }
}
