// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import io.tailrace.cluster.coordinator.Turn;
import io.tailrace.cluster.group.GroupAnswer;
import io.tailrace.cluster.group.GroupFollowUp;
import io.tailrace.cluster.group.GroupTable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * How a consumer group moves, whichever protocol the member speaks that moves it:
 *
 * <pre>
 *   1 the member is added or changed                                       records 5, 16
 *   2 its subscription or the topics behind it changed: next group epoch   record 3
 *   3 the group epoch is ahead of the target's: assign anew                records 7, 6
 *   4 the member is not where the target wants it: one step towards it     record 8
 * </pre>
 *
 * <p>Records apply as they are written, so each step decides on what the one before has made. The group moves by its members' requests
 * alone: a member that left raises the group epoch, and whoever reports next has the target made anew.
 */
final class Steps {

    /** For members of another broker that recorded none: the default of {@code max.poll.interval.ms}. */
    private static final int DEFAULT_REBALANCE_TIMEOUT_MS = 300_000;

    private final ConsumerRules rules;
    private final GroupTable groups;
    private final Topics topics;
    private final Migration migration;

    Steps(ConsumerRules rules, GroupTable groups, Topics topics, Migration migration) {
        this.rules = rules;
        this.groups = groups;
        this.topics = topics;
        this.migration = migration;
    }

    private ConsumerGroup group(String groupId) {
        return groups.find(groupId, ConsumerGroup.class).orElseThrow();
    }

    /** A static member came back under a new id, which takes all that the old one had. */
    ConsumerMember replace(
            ConsumerGroup group, ConsumerMember owner, String memberId, Turn<GroupAnswer, GroupFollowUp> turn) {
        NavigableSet<PartitionId> target = group.target(owner.memberId());
        ConsumerRecords.memberGone(group.groupId(), owner.memberId()).forEach(turn::persist);
        ConsumerTimer.cancelAll(group.groupId(), owner.memberId(), turn);
        turn.persist(ConsumerRecords.member(group.groupId(), memberId, owner.subscription()));
        turn.persist(ConsumerRecords.target(group.groupId(), memberId, target));
        turn.persist(ConsumerRecords.holding(
                group.groupId(), memberId, owner.holding().taken()));
        turn.followUp(new ConsumerKind.Changed(group.groupId()));
        return Objects.requireNonNull(group.member(memberId));
    }

    /** Whether a heartbeat that says nothing new finds nothing new either. */
    boolean nothingNew(ConsumerGroup group, Turn<GroupAnswer, GroupFollowUp> turn) {
        return group.seen().has(topics.identity())
                && (group.regexes().isEmpty()
                        || !group.seen().regexesDue(topics.identity(), turn.nowMs(), rules.regexRefreshMs()));
    }

    /**
     * Steps 1 and 2.
     *
     * @param before the member as it was; null if it is new, and the group may be, too
     * @param visible what patterns may match; null for a member that has no say in that
     * @return whether the member's own subscription changed
     */
    boolean refresh(
            String groupId,
            String memberId,
            @Nullable ConsumerMember before,
            Subscription next,
            @Nullable Predicate<String> visible,
            Turn<GroupAnswer, GroupFollowUp> turn) {
        Subscription former = before == null ? Subscription.NONE : before.subscription();
        if (before == null || !next.equals(former)) {
            turn.persist(ConsumerRecords.member(groupId, memberId, next));
            turn.followUp(new ConsumerKind.Changed(groupId));
        }
        ConsumerGroup group = group(groupId);
        boolean changed = !next.topicNames().equals(former.topicNames()) || !next.sameRegex(former);
        if (!next.sameRegex(former)) {
            dropUnused(group, former, turn);
        }
        boolean resolvedAnew = visible != null && resolve(group, visible, turn);
        long hash = topics.hash(group.subscribedTopics());
        if (group.epoch() == 0 || changed || resolvedAnew || hash != group.metadataHash()) {
            raiseEpoch(group, hash, turn);
        }
        group.seen().note(topics.identity());
        return changed;
    }

    /** Step 2 alone, for a member that only shows that it lives. */
    void noticeTopics(ConsumerGroup group, Turn<GroupAnswer, GroupFollowUp> turn) {
        if (group.seen().has(topics.identity())) {
            return;
        }
        long hash = topics.hash(group.subscribedTopics());
        if (hash != group.metadataHash()) {
            raiseEpoch(group, hash, turn);
        }
        group.seen().note(topics.identity());
    }

    private static void raiseEpoch(ConsumerGroup group, long hash, Turn<GroupAnswer, GroupFollowUp> turn) {
        turn.persist(ConsumerRecords.epoch(group.groupId(), group.epoch() + 1, hash));
        if (group.hasPartitionMetadata()) {
            turn.persist(ConsumerRecords.partitionMetadataGone(group.groupId()));
        }
        turn.followUp(new ConsumerKind.Changed(group.groupId()));
    }

    /** Forgets the pattern of a former subscription if nobody else has it. */
    private static void dropUnused(ConsumerGroup group, Subscription former, Turn<GroupAnswer, GroupFollowUp> turn) {
        String regex = former.topicRegex();
        if (regex != null
                && group.regexes().containsKey(regex)
                && !group.subscribedRegexes().contains(regex)) {
            turn.persist(ConsumerRecords.regexGone(group.groupId(), regex));
        }
    }

    /**
     * Resolves all patterns if one is new, or if it is time to. As in Kafka, what the principal of this heartbeat may see decides for the
     * whole group.
     *
     * @return whether any stands for other topics than before
     */
    private boolean resolve(ConsumerGroup group, Predicate<String> visible, Turn<GroupAnswer, GroupFollowUp> turn) {
        NavigableSet<String> wanted = group.subscribedRegexes();
        boolean unresolved = !group.regexes().keySet().containsAll(wanted);
        Seen seen = group.seen();
        if (wanted.isEmpty()
                || !(unresolved || seen.regexesDue(topics.identity(), turn.nowMs(), rules.regexRefreshMs()))) {
            return false;
        }
        boolean changed = false;
        for (String regex : wanted) {
            ResolvedRegex known = group.regexes().get(regex);
            NavigableSet<String> matching = topics.matching(regex, visible);
            if (known == null || !known.topics().equals(matching)) {
                turn.persist(ConsumerRecords.regex(
                        group.groupId(), regex, new ResolvedRegex(matching, topics.version(), turn.nowMs())));
                changed = true;
            }
        }
        seen.noteRegexes(topics.identity(), turn.nowMs());
        return changed;
    }

    /** Step 3: makes the target assignment of the current group epoch, if there is none; only what changed is written. */
    void retarget(ConsumerGroup group, Turn<GroupAnswer, GroupFollowUp> turn) {
        if (group.epoch() <= group.targetEpoch()) {
            return;
        }
        NavigableMap<Uuid, Integer> counts = topics.counts(group.subscribedTopics());
        List<Assignor.Candidate> candidates = new ArrayList<>();
        for (ConsumerMember member : group.members()) {
            NavigableSet<Uuid> reads = new TreeSet<>(
                    topics.counts(group.topicsOf(member.subscription())).keySet());
            candidates.add(new Assignor.Candidate(
                    member.memberId(),
                    member.subscription().instanceId(),
                    reads,
                    group.target(member.memberId()),
                    group.nextReportMs(member.memberId())));
        }
        group.assignor().assign(candidates, counts).forEach((memberId, target) -> {
            if (!target.equals(group.target(memberId))) {
                turn.persist(ConsumerRecords.target(group.groupId(), memberId, target));
            }
        });
        turn.persist(ConsumerRecords.targetEpoch(group.groupId(), group.epoch(), turn.nowMs()));
        turn.followUp(new ConsumerKind.Changed(group.groupId()));
    }

    /** Step 4. */
    Holding reconcile(
            ConsumerGroup group,
            String memberId,
            Reconciler.Report report,
            boolean subscriptionChanged,
            Turn<GroupAnswer, GroupFollowUp> turn) {
        ConsumerMember member = Objects.requireNonNull(group.member(memberId));
        Holding now = member.holding();
        if (!subscriptionChanged && now.settledIn(group.targetEpoch())) {
            return now;
        }
        var subscribed = topics.among(group.topicsOf(member.subscription()));
        NavigableSet<PartitionId> target = new TreeSet<>(group.target(memberId));
        target.removeIf(subscribed.negate());
        Reconciler.Goal goal = new Reconciler.Goal(
                group.targetEpoch(), target, subscribed, partition -> group.heldByOthers(partition, memberId));
        Holding next = Reconciler.step(now, goal, report, subscriptionChanged);
        if (next.equals(now)) {
            return now;
        }
        turn.persist(ConsumerRecords.holding(group.groupId(), memberId, next));
        turn.followUp(new ConsumerKind.Changed(group.groupId()));
        if (awaitsRevocation(Objects.requireNonNull(group.member(memberId)))) {
            awaitRevocation(group, member, turn);
        } else {
            turn.cancelTimer(new ConsumerTimer.Revocation(group.groupId(), memberId));
        }
        return next;
    }

    /** Takes members out; the others learn of it by the next group epoch, or by the next round if they are all classic. */
    void remove(ConsumerGroup group, Collection<ConsumerMember> leaving, Turn<GroupAnswer, GroupFollowUp> turn) {
        if (leaving.isEmpty()) {
            return;
        }
        Set<String> ids = leaving.stream().map(ConsumerMember::memberId).collect(Collectors.toSet());
        if (migration.downgrades(group, ids)) {
            migration.downgrade(group, ids, turn);
            return;
        }
        for (ConsumerMember member : leaving) {
            ConsumerRecords.memberGone(group.groupId(), member.memberId()).forEach(turn::persist);
            dropUnused(group, member.subscription(), turn);
            ConsumerTimer.cancelAll(group.groupId(), member.memberId(), turn);
        }
        raiseEpoch(group, topics.hash(group.subscribedTopics()), turn);
    }

    /** Sets a member's timers as if it had just reported. */
    void arm(ConsumerGroup group, ConsumerMember member, Turn<GroupAnswer, GroupFollowUp> turn) {
        keepAlive(group, member, turn);
        if (awaitsRevocation(member)) {
            awaitRevocation(group, member, turn);
        }
    }

    /** A sign of life: the member's session starts anew. */
    void keepAlive(ConsumerGroup group, ConsumerMember member, Turn<GroupAnswer, GroupFollowUp> turn) {
        turn.setTimer(
                new ConsumerTimer.Session(group.groupId(), member.memberId()),
                turn.nowMs() + sessionTimeoutMs(group, member));
    }

    /** Its own for a classic member, the group's for one of the consumer protocol. */
    int sessionTimeoutMs(ConsumerGroup group, ConsumerMember member) {
        ClassicTraits classic = member.subscription().classic();
        return classic == null
                ? rules.sessionTimeoutMs(topics.groupConfigs(group.groupId()))
                : classic.sessionTimeoutMs();
    }

    /** Whether the revocation timer watches it; classic members have the timers of their own rebalance. */
    static boolean awaitsRevocation(ConsumerMember member) {
        return member.holding().state() == MemberState.UNREVOKED_PARTITIONS
                && member.holding().memberEpoch() != ConsumerRequest.STATIC_LEAVE_EPOCH
                && !member.subscription().usesClassic();
    }

    private static void awaitRevocation(
            ConsumerGroup group, ConsumerMember member, Turn<GroupAnswer, GroupFollowUp> turn) {
        turn.setTimer(
                new ConsumerTimer.Revocation(group.groupId(), member.memberId()),
                turn.nowMs() + rebalanceTimeoutMs(member));
    }

    static int rebalanceTimeoutMs(ConsumerMember member) {
        int timeoutMs = member.subscription().rebalanceTimeoutMs();
        return timeoutMs < 0 ? DEFAULT_REBALANCE_TIMEOUT_MS : timeoutMs;
    }
}
