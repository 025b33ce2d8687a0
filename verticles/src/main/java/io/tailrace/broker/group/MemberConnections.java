// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.group;

import io.tailrace.cluster.bus.GroupReply;
import io.tailrace.cluster.group.classic.ClassicRequest;
import io.vertx.core.Future;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which connection each group member was last heard on, so that its coordinator learns when that closes: the member then has a grace in place
 * of its session timeout. Static members are spared by the coordinator, and whoever shows up again within the grace goes on as before.
 *
 * <p>As large as the connections that are open and the members that were heard on them. With no grace it does nothing at all. Safe from any
 * thread; requests and the end of one connection come from its own event loop, in order.
 */
public final class MemberConnections {

    private record Member(String groupId, String memberId) {}

    private final GroupCoordinators groups;
    private final long graceMs;
    private final Map<Long, Set<Member>> heardOn = new ConcurrentHashMap<>();
    private final Map<Member, Long> lastHeardOn = new ConcurrentHashMap<>();

    /** @param graceMs how long a member has to show up again; 0 leaves it its session timeout */
    public MemberConnections(GroupCoordinators groups, long graceMs) {
        this.groups = groups;
        this.graceMs = graceMs;
    }

    /** A member sent something; call this before asking the coordinator. */
    public void asks(long connectionId) {
        if (graceMs > 0) {
            heardOn.computeIfAbsent(connectionId, id -> ConcurrentHashMap.newKeySet());
        }
    }

    /** The coordinator took it for this member's. */
    public void heard(long connectionId, String groupId, String memberId) {
        if (graceMs == 0) {
            return;
        }
        Member member = new Member(groupId, memberId);
        Set<Member> members = heardOn.get(connectionId);
        if (members == null) {
            // It closed while the answer was on its way, as that of a join can be for long.
            tell(member);
        } else if (!Long.valueOf(connectionId).equals(lastHeardOn.put(member, connectionId))) {
            members.add(member);
        }
    }

    /** A connection is no more. */
    public void closed(long connectionId) {
        Set<Member> members = heardOn.remove(connectionId);
        if (members == null) {
            return;
        }
        for (Member member : members) {
            if (lastHeardOn.remove(member, connectionId)) {
                tell(member);
            }
        }
    }

    private void tell(Member member) {
        // Nobody waits for the answer, and asking never fails: without a coordinator here there is nobody to tell.
        Future<GroupReply> unused =
                groups.ask(new ClassicRequest.Disconnected(member.groupId(), member.memberId(), graceMs));
    }
}
