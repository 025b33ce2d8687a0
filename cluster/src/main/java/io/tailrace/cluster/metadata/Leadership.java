// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Who leads a partition, and who is trusted to, after a node came, went, or was asked to. Pure functions from one {@link PartitionImage} to the
 * next.
 *
 * <p><b>Who is trusted.</b> Members of the ISR, and those of the ELR (KIP-966): replicas that left the ISR when it was, or became, smaller than
 * {@code min.insync.replicas}. From then on nothing was committed without them, so they have all that was. Once the ISR is large enough again
 * the ELR is empty. A replica whose node was not shut down cleanly may have lost what it had, and is trusted no more.
 *
 * <p><b>Who leads.</b> The leader stays while it may. Else the first in order of preference that is in the ISR and active; else the first
 * active one of the ELR, which then is the ISR; else, if unclean elections are allowed, any active replica; else nobody, and the partition
 * waits.
 *
 * <p>A leader is always in the ISR, and the ISR is never empty: the last one who is trusted stays in it while away. If nobody is trusted any
 * more, because that last one crashed, it stays all the same: nobody else is known to have more.
 */
final class Leadership {

    /**
     * What counts beside the partition itself.
     *
     * @param active whether a node may lead
     * @param minInSync {@code min.insync.replicas} of the topic
     * @param uncleanAllowed {@code unclean.leader.election.enable} of the topic
     */
    record Rules(IntPredicate active, int minInSync, boolean uncleanAllowed) {

        Rules without(int node) {
            return new Rules(it -> it != node && active.test(it), minInSync, uncleanAllowed);
        }

        Rules withUnclean() {
            return new Rules(active, minInSync, true);
        }
    }

    private Leadership() {}

    /**
     * After {@code node} went; empty if that changes nothing.
     *
     * @param crashed whether its disks may lack what it had confirmed
     */
    static Optional<PartitionImage> without(PartitionImage before, int node, boolean crashed, Rules rules) {
        boolean trusted =
                before.isr().contains(node) || (crashed && before.elr().contains(node));
        if (!trusted && before.leader() != node) {
            return Optional.empty();
        }
        return changed(
                before,
                next(
                        before,
                        minus(before.isr(), Set.of(node)),
                        crashed ? Set.of(node) : Set.of(),
                        rules.without(node)));
    }

    /** After some node came back: the partition is led again, if it was not and can be. */
    static Optional<PartitionImage> with(PartitionImage before, Rules rules) {
        return before.leader() == PartitionImage.NO_LEADER ? reconsidered(before, rules) : Optional.empty();
    }

    /** As the rules are now, with nobody come or gone. */
    static Optional<PartitionImage> reconsidered(PartitionImage before, Rules rules) {
        return changed(before, next(before, before.isr(), Set.of(), rules));
    }

    /** Led by its first replica; empty if that one is not active and in sync. Ask only if another leads. */
    static Optional<PartitionImage> preferred(PartitionImage before, Rules rules) {
        int preferred = before.replicas().get(0);
        return before.isr().contains(preferred) && rules.active().test(preferred)
                ? Optional.of(before.withLeader(preferred).after(before))
                : Optional.empty();
    }

    /** Led by somebody, trusted or not; empty if no replica is active. Ask only if nobody leads. */
    static Optional<PartitionImage> unclean(PartitionImage before, Rules rules) {
        return with(before, rules.withUnclean());
    }

    /**
     * With another ISR, and all that follows from it: a reassignment that is complete by it, the ELR, the leader. Epochs are as before; see
     * {@link PartitionImage#after}.
     *
     * @param wantedIsr some of the replicas; may be empty
     * @param crashed nodes that are not to be trusted any more
     */
    static PartitionImage next(PartitionImage before, List<Integer> wantedIsr, Set<Integer> crashed, Rules rules) {
        List<Integer> wanted = minus(wantedIsr, crashed);
        PartitionImage placed = reassigned(before, wanted);
        List<Integer> replicas = placed.replicas();
        List<Integer> trusted = kept(minus(union(before.isr(), before.elr()), crashed), replicas);
        List<Integer> isr = kept(wanted, replicas);
        if (isr.stream().noneMatch(rules.active()::test)) {
            int heir = first(replicas, trusted, rules.active());
            if (heir == PartitionImage.NO_LEADER && rules.uncleanAllowed()) {
                heir = first(replicas, replicas, rules.active());
                trusted = heir == PartitionImage.NO_LEADER ? trusted : List.of();
            }
            if (heir != PartitionImage.NO_LEADER) {
                isr = List.of(heir);
            } else if (isr.isEmpty()) {
                isr = trusted.isEmpty() ? kept(before.isr(), replicas) : List.of(trusted.get(0));
            }
        }
        int leader = isr.contains(before.leader()) && rules.active().test(before.leader())
                ? before.leader()
                : first(replicas, isr, rules.active());
        PartitionImage led = placed.withIsr(isr).withLeader(leader);
        if (isr.size() >= Math.min(rules.minInSync(), replicas.size()) || trusted.isEmpty()) {
            return led.withElr(List.of(), List.of());
        }
        List<Integer> elr = minus(trusted, isr);
        List<Integer> fallen = union(before.lastKnownElr(), kept(union(before.isr(), before.elr()), crashed));
        return led.withElr(elr, kept(minus(minus(fallen, isr), elr), replicas));
    }

    /**
     * With the reassignment finished, if all that it leaves are in sync. Those that it adds are not enough: who stays may be out of sync, and what
     * was committed would be left to fewer than {@code min.insync.replicas}.
     */
    private static PartitionImage reassigned(PartitionImage before, List<Integer> isr) {
        if (before.addingReplicas().isEmpty() && before.removingReplicas().isEmpty()) {
            return before;
        }
        List<Integer> staying = minus(before.replicas(), before.removingReplicas());
        return isr.containsAll(staying) ? before.withReplicas(staying, List.of(), List.of()) : before;
    }

    private static Optional<PartitionImage> changed(PartitionImage before, PartitionImage after) {
        return after.equals(before) ? Optional.empty() : Optional.of(after.after(before));
    }

    /** The first in order of preference that is eligible and active; {@link PartitionImage#NO_LEADER} if there is none. */
    private static int first(List<Integer> preference, List<Integer> eligible, IntPredicate active) {
        return preference.stream()
                .filter(it -> eligible.contains(it) && active.test(it))
                .findFirst()
                .orElse(PartitionImage.NO_LEADER);
    }

    private static List<Integer> union(List<Integer> first, List<Integer> second) {
        Set<Integer> all = new LinkedHashSet<>(first);
        all.addAll(second);
        return new ArrayList<>(all);
    }

    private static List<Integer> minus(List<Integer> from, java.util.Collection<Integer> taken) {
        return from.stream().filter(it -> !taken.contains(it)).toList();
    }

    private static List<Integer> kept(List<Integer> from, java.util.Collection<Integer> kept) {
        return from.stream().filter(kept::contains).toList();
    }
}
