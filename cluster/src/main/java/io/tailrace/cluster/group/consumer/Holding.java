// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a member holds, as the coordinator knows. Never changed once made.
 *
 * @param memberEpoch of the member's next heartbeat
 * @param previousEpoch of the one before: accepted too, since the answer may have been lost
 * @param assigned what the member may own, with the member epoch in which it got each (KIP-1251: an older commit is a zombie's)
 * @param revoking what it was asked to give back; nobody else gets these before it has
 */
record Holding(
        int memberEpoch,
        int previousEpoch,
        MemberState state,
        NavigableMap<PartitionId, Integer> assigned,
        NavigableMap<PartitionId, Integer> revoking) {

    /** Of a member that has just come. */
    static final Holding NOTHING =
            new Holding(0, -1, MemberState.STABLE, Collections.emptyNavigableMap(), Collections.emptyNavigableMap());

    Holding {
        assigned = Collections.unmodifiableNavigableMap(new TreeMap<>(assigned));
        revoking = Collections.unmodifiableNavigableMap(new TreeMap<>(revoking));
    }

    /** Of a member that was in this epoch, with these partitions, before its group became a consumer group. */
    static Holding settled(int epoch, Set<PartitionId> partitions) {
        NavigableMap<PartitionId, Integer> assigned = new TreeMap<>();
        partitions.forEach(partition -> assigned.put(partition, epoch));
        return new Holding(epoch, epoch, MemberState.STABLE, assigned, Collections.emptyNavigableMap());
    }

    Set<PartitionId> partitions() {
        return assigned.keySet();
    }

    boolean holds(PartitionId partition) {
        return assigned.containsKey(partition) || revoking.containsKey(partition);
    }

    boolean settledIn(int targetEpoch) {
        return state == MemberState.STABLE && memberEpoch == targetEpoch;
    }

    /** In this epoch, from which a late heartbeat of the current one is accepted. */
    Holding moved(int epoch, MemberState next, Map<PartitionId, Integer> holds, Map<PartitionId, Integer> revokes) {
        return new Holding(epoch, memberEpoch, next, new TreeMap<>(holds), new TreeMap<>(revokes));
    }

    /** Of a static member that will be back: what it was giving back is free, the rest waits for it. */
    Holding parked() {
        return new Holding(
                ConsumerRequest.STATIC_LEAVE_EPOCH, previousEpoch, state, assigned, Collections.emptyNavigableMap());
    }

    /** Of the member that takes a parked one's place. */
    Holding taken() {
        return new Holding(0, 0, state, assigned, revoking);
    }
}
