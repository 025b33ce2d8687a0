// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * Who leads a partition after a node came, went, or was asked to. Pure functions from one {@link PartitionImage} to the next.
 *
 * <p>A leader is always in the ISR. A replica that goes leaves the ISR, but the last one stays in it: it has every committed record, and the
 * partition waits for it rather than elect one that has not. Without the last one, only an election that is told to be unclean goes on.
 */
final class Leadership {

    private Leadership() {}

    /** After {@code node} went; empty if that changes nothing. */
    static Optional<PartitionImage> without(PartitionImage before, int node, IntPredicate present) {
        boolean inSync = before.isr().contains(node);
        if (!inSync && before.leader() != node) {
            return Optional.empty();
        }
        List<Integer> others = before.isr().stream().filter(it -> it != node).toList();
        PartitionImage changed = others.isEmpty() ? before : before.withIsr(others);
        if (before.leader() == node) {
            changed = changed.withLeader(first(before.replicas(), others, present));
        }
        return changed.equals(before) ? Optional.empty() : Optional.of(changed.after(before));
    }

    /** After {@code node} came back: it leads what nobody leads, if it may. */
    static Optional<PartitionImage> with(PartitionImage before, int node) {
        if (before.leader() != PartitionImage.NO_LEADER) {
            return Optional.empty();
        }
        if (before.isr().contains(node)) {
            return Optional.of(before.withLeader(node).after(before));
        }
        if (before.elr().contains(node)) {
            List<Integer> otherElr =
                    before.elr().stream().filter(it -> it != node).toList();
            return Optional.of(before.withIsr(List.of(node))
                    .withElr(otherElr)
                    .withLeader(node)
                    .after(before));
        }
        return Optional.empty();
    }

    /** Led by its first replica; empty if that one is not present and in sync. Ask only if another leads. */
    static Optional<PartitionImage> preferred(PartitionImage before, IntPredicate present) {
        int preferred = before.replicas().get(0);
        return before.isr().contains(preferred) && present.test(preferred)
                ? Optional.of(before.withLeader(preferred).after(before))
                : Optional.empty();
    }

    /** Led by somebody, in sync or not; empty if no replica is present. Ask only if nobody leads. */
    static Optional<PartitionImage> unclean(PartitionImage before, IntPredicate present) {
        int clean = first(before.replicas(), before.isr(), present);
        if (clean != PartitionImage.NO_LEADER) {
            return Optional.of(before.withLeader(clean).after(before));
        }
        int any = first(before.replicas(), before.replicas(), present);
        return any == PartitionImage.NO_LEADER
                ? Optional.empty()
                : Optional.of(before.withIsr(List.of(any))
                        .withElr(List.of())
                        .withLeader(any)
                        .after(before));
    }

    /** The first in order of preference that is eligible and present. */
    static int first(List<Integer> preference, List<Integer> eligible, IntPredicate present) {
        return preference.stream()
                .filter(it -> eligible.contains(it) && present.test(it))
                .findFirst()
                .orElse(PartitionImage.NO_LEADER);
    }
}
