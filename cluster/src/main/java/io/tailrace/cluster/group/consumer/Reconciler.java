// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Takes one member one step from what it holds towards the target assignment.
 *
 * <pre>
 *   target != held, something to give back      STABLE, UNRELEASED -> UNREVOKED    same epoch; the rest stays assigned
 *   member confirms (owns none of it any more)  UNREVOKED -> as below              epoch of the target
 *   all of the rest of the target is free       -> STABLE                          epoch of the target, gets all
 *   some of it is still held by others          -> UNRELEASED                      epoch of the target, gets what is free
 * </pre>
 *
 * <p>Two guarantees follow. A partition goes to a member only when nobody else holds it, not even to give it back, so it never has two
 * owners. And an epoch begins for a member only when it has given back what that epoch does not let it have, so a commit in the current
 * epoch is always about partitions of its own.
 *
 * <p><b>When to believe a member that it owns less than it was given.</b> Only when it has heard what it is to give back, and says that it owns
 * the rest. The Java consumer takes an assignment over in steps: it waits for the names of topics that it does not know, and for its
 * application. In that time it may report that it owns nothing, as an acknowledgement of the part that it could take over or because its last
 * heartbeat failed, and yet take the whole over a moment later, while our answer is on its way that others get some of it. Kafka believes such
 * a report at once, and then two members read the same partitions for a while. A member that joins is believed: it has given up everything.
 */
final class Reconciler {

    /**
     * What a member is to be brought to.
     *
     * @param epoch of the target assignment
     * @param partitions of the target, of subscribed topics only: the target may be older than the subscription
     * @param subscribed whether the member subscribes to the partition's topic, and that exists
     * @param heldByOthers whether another member holds a partition
     */
    record Goal(
            int epoch,
            Set<PartitionId> partitions,
            Predicate<PartitionId> subscribed,
            Predicate<PartitionId> heldByOthers) {}

    /**
     * What a member says of itself.
     *
     * @param owned the partitions that it owns; null if it says nothing, so that it is taken to own what it was given
     * @param joins whether it begins anew, and cannot be taking over what it was given before
     */
    record Report(@Nullable Set<PartitionId> owned, boolean joins) {

        private boolean owns(Set<PartitionId> any) {
            return owned == null || any.stream().anyMatch(owned::contains);
        }

        private boolean mayYetOwn(Set<PartitionId> any) {
            return !joins || owns(any);
        }

        /** Whether it has given these back, and is where it was told to be. */
        private boolean confirms(Set<PartitionId> revoking, Stream<PartitionId> kept) {
            return owned != null && !owns(revoking) && (joins || kept.allMatch(owned::contains));
        }
    }

    private Reconciler() {}

    /**
     * The next step.
     *
     * @param subscriptionChanged whether topics that it no longer subscribes to go though the target did not change
     * @return the same object if there is nothing to do yet
     */
    static Holding step(Holding now, Goal goal, Report report, boolean subscriptionChanged) {
        return switch (now.state()) {
            case STABLE -> {
                if (now.memberEpoch() != goal.epoch()) {
                    yield advance(now, goal, report);
                }
                yield subscriptionChanged ? dropUnsubscribed(now, goal, report) : now;
            }
            case UNREVOKED_PARTITIONS -> {
                Stream<PartitionId> kept = now.assigned().keySet().stream().filter(goal.subscribed());
                if (report.confirms(now.revoking().keySet(), kept)) {
                    yield advance(now, goal, report);
                }
                yield subscriptionChanged ? dropUnsubscribed(now, goal, report) : now;
            }
            case UNRELEASED_PARTITIONS, UNKNOWN -> advance(now, goal, report);
        };
    }

    private static Holding advance(Holding now, Goal goal, Report report) {
        NavigableMap<PartitionId, Integer> kept = new TreeMap<>();
        NavigableMap<PartitionId, Integer> excess = new TreeMap<>();
        now.assigned().forEach((partition, since) -> {
            boolean keeps = goal.partitions().contains(partition);
            (keeps ? kept : excess).put(partition, since);
        });
        if (!excess.isEmpty() && report.mayYetOwn(excess.keySet())) {
            return unlessSame(now, now.moved(now.memberEpoch(), MemberState.UNREVOKED_PARTITIONS, kept, excess));
        }
        boolean waits = false;
        for (PartitionId partition : goal.partitions()) {
            if (kept.containsKey(partition)) {
                continue;
            }
            if (goal.heldByOthers().test(partition)) {
                waits = true;
            } else {
                kept.put(partition, goal.epoch());
            }
        }
        MemberState state = waits ? MemberState.UNRELEASED_PARTITIONS : MemberState.STABLE;
        return unlessSame(now, now.moved(goal.epoch(), state, kept, new TreeMap<>()));
    }

    private static Holding dropUnsubscribed(Holding now, Goal goal, Report report) {
        NavigableMap<PartitionId, Integer> kept = new TreeMap<>();
        NavigableMap<PartitionId, Integer> revoking = new TreeMap<>(now.revoking());
        now.assigned().forEach((partition, since) -> {
            boolean keeps = goal.subscribed().test(partition);
            (keeps ? kept : revoking).put(partition, since);
        });
        if (kept.size() == now.assigned().size()) {
            return now;
        }
        return report.mayYetOwn(revoking.keySet())
                ? now.moved(now.memberEpoch(), MemberState.UNREVOKED_PARTITIONS, kept, revoking)
                : now.moved(now.memberEpoch(), now.state(), kept, new TreeMap<>());
    }

    /** A member that waits without news must not write a record with each heartbeat, nor forget its previous epoch. */
    private static Holding unlessSame(Holding now, Holding next) {
        boolean same = now.memberEpoch() == next.memberEpoch()
                && now.state() == next.state()
                && now.assigned().equals(next.assigned())
                && now.revoking().equals(next.revoking());
        return same ? now : next;
    }
}
