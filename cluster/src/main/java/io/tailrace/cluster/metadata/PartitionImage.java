// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import java.util.List;

/**
 * One partition as the metadata log has it.
 *
 * @param index partition number, from 0
 * @param replicas node ids in order of preference; the first is the preferred leader
 * @param isr in-sync replicas, a subset of {@code replicas}
 * @param elr eligible leader replicas (KIP-966): out of sync but known to hold every record below the high watermark. They are because they
 *     left the ISR when it was, or became, smaller than min.insync.replicas, and a leader does not raise the high watermark while it is
 * @param lastKnownElr ELR members that came back unclean (KIP-966)
 * @param addingReplicas replicas that a reassignment adds (KIP-455)
 * @param removingReplicas replicas that a reassignment removes (KIP-455)
 * @param leader node id, or {@link #NO_LEADER}
 * @param leaderEpoch grows by one with every change of leader, and when fetches of before are not to count any more; from 0
 * @param partitionEpoch grows by one with every change of this record; compared and set by AlterPartition
 */
public record PartitionImage(
        int index,
        List<Integer> replicas,
        List<Integer> isr,
        List<Integer> elr,
        List<Integer> lastKnownElr,
        List<Integer> addingReplicas,
        List<Integer> removingReplicas,
        int leader,
        int leaderEpoch,
        int partitionEpoch) {

    /** The leader of a partition that has none. */
    public static final int NO_LEADER = -1;

    /** A new partition, led by its first replica, all in sync. */
    public static PartitionImage created(int index, List<Integer> replicas) {
        return new PartitionImage(
                index,
                replicas,
                replicas,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                replicas.isEmpty() ? NO_LEADER : replicas.get(0),
                0,
                0);
    }

    public PartitionImage {
        replicas = List.copyOf(replicas);
        isr = List.copyOf(isr);
        elr = List.copyOf(elr);
        lastKnownElr = List.copyOf(lastKnownElr);
        addingReplicas = List.copyOf(addingReplicas);
        removingReplicas = List.copyOf(removingReplicas);
    }

    /** This partition with another ISR; leader and epochs as they are. */
    PartitionImage withIsr(List<Integer> changed) {
        return new PartitionImage(
                index,
                replicas,
                changed,
                elr,
                lastKnownElr,
                addingReplicas,
                removingReplicas,
                leader,
                leaderEpoch,
                partitionEpoch);
    }

    /** This partition with another leader; epochs as they are. */
    PartitionImage withLeader(int changed) {
        return new PartitionImage(
                index,
                replicas,
                isr,
                elr,
                lastKnownElr,
                addingReplicas,
                removingReplicas,
                changed,
                leaderEpoch,
                partitionEpoch);
    }

    /** This partition with other eligible leader replicas. */
    PartitionImage withElr(List<Integer> changed, List<Integer> lastKnown) {
        return new PartitionImage(
                index,
                replicas,
                isr,
                changed,
                lastKnown,
                addingReplicas,
                removingReplicas,
                leader,
                leaderEpoch,
                partitionEpoch);
    }

    /** This partition on other nodes, with no reassignment under way unless told. */
    PartitionImage withReplicas(List<Integer> changed, List<Integer> adding, List<Integer> removing) {
        return new PartitionImage(
                index, changed, isr, elr, lastKnownElr, adding, removing, leader, leaderEpoch, partitionEpoch);
    }

    /**
     * This partition as what comes after {@code before}: the epochs grow as they must. The leader epoch also grows when a replica is no longer
     * one, so that a fetch of it is fenced.
     */
    PartitionImage after(PartitionImage before) {
        boolean sameEpoch = leader == before.leader && replicas.containsAll(before.replicas);
        return after(before, sameEpoch ? before.leaderEpoch : before.leaderEpoch + 1);
    }

    /** As {@link #after}, and no fetch from before it counts any more, whoever leads. */
    PartitionImage fencing(PartitionImage before) {
        return after(before, before.leaderEpoch + 1);
    }

    private PartitionImage after(PartitionImage before, int nextLeaderEpoch) {
        return new PartitionImage(
                index,
                replicas,
                isr,
                elr,
                lastKnownElr,
                addingReplicas,
                removingReplicas,
                leader,
                nextLeaderEpoch,
                before.partitionEpoch + 1);
    }
}
