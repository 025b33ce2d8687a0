// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import io.tailrace.cluster.coordinator.Turn;
import io.tailrace.cluster.group.Group;
import io.tailrace.cluster.group.GroupAnswer;
import io.tailrace.cluster.group.GroupFollowUp;
import io.tailrace.cluster.group.GroupTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * What one heartbeat of a member does:
 *
 * <pre>
 *   1 the member is added or changed                                       records 5, 16
 *   2 its subscription or the topics behind it changed: next group epoch   record 3
 *   3 the group epoch is ahead of the target's: assign anew                records 7, 6
 *   4 the member is not where the target wants it: one step towards it     record 8
 * </pre>
 *
 * <p>Records apply as they are written, so each step decides on what the one before has made. A heartbeat that brings nothing new passes
 * all four with a few comparisons. The group moves by heartbeats alone: a member that left raises the group epoch, and whoever reports next
 * has the target made anew.
 */
final class Heartbeats {

    /** For members of another broker that recorded none: the default of {@code max.poll.interval.ms}. */
    private static final int DEFAULT_REBALANCE_TIMEOUT_MS = 300_000;

    private final ConsumerRules rules;
    private final GroupTable groups;
    private final Topics topics;
    private final Admission admission;

    Heartbeats(ConsumerRules rules, GroupTable groups, Topics topics) {
        this.rules = rules;
        this.groups = groups;
        this.topics = topics;
        this.admission = new Admission(rules);
    }

    ConsumerRequest.Beaten beat(ConsumerRequest.Heartbeat beat, Turn<GroupAnswer, GroupFollowUp> turn) {
        String memberId = beat.memberId().isEmpty() ? beat.freshId() : beat.memberId();
        Group existing = groups.get(beat.groupId());
        Refusal refusal = admission.refusal(beat, memberId, existing);
        if (refusal != null) {
            return ConsumerRequest.Beaten.refused(refusal);
        }
        if (existing != null && !(existing instanceof ConsumerGroup)) {
            existing.tombstones().forEach(turn::persist);
        }
        ConsumerMember before = takeOver(beat, memberId, turn);
        boolean subscriptionChanged = refresh(beat, memberId, before, turn);
        ConsumerGroup group = group(beat.groupId());
        if (group.epoch() > group.targetEpoch()) {
            retarget(group, turn);
        }
        Holding held = before == null ? Holding.NOTHING : before.holding();
        Holding holds = reconcile(group, memberId, beat.owned(), subscriptionChanged, turn);
        Map<String, String> configs = topics.groupConfigs(beat.groupId());
        turn.setTimer(
                new ConsumerTimer.Session(beat.groupId(), memberId), turn.nowMs() + rules.sessionTimeoutMs(configs));
        boolean tell = beat.full() || !holds.partitions().equals(held.partitions());
        return new ConsumerRequest.Beaten(
                Errors.NONE,
                null,
                memberId,
                holds.memberEpoch(),
                rules.heartbeatIntervalMs(configs),
                tell ? holds.partitions() : null);
    }

    private ConsumerGroup group(String groupId) {
        return groups.find(groupId, ConsumerGroup.class).orElseThrow();
    }

    /** The member as it was; one that comes back for a static member that left takes all of it under its new id. */
    private @Nullable ConsumerMember takeOver(
            ConsumerRequest.Heartbeat beat, String memberId, Turn<GroupAnswer, GroupFollowUp> turn) {
        ConsumerGroup group = groups.find(beat.groupId(), ConsumerGroup.class).orElse(null);
        if (group == null) {
            return null;
        }
        ConsumerMember owner = beat.instanceId() == null ? null : group.staticMember(beat.instanceId());
        if (owner == null || owner.memberId().equals(memberId)) {
            return group.member(memberId);
        }
        NavigableSet<PartitionId> target = group.target(owner.memberId());
        ConsumerRecords.memberGone(group.groupId(), owner.memberId()).forEach(turn::persist);
        cancelTimers(group.groupId(), owner.memberId(), turn);
        turn.persist(ConsumerRecords.member(group.groupId(), memberId, owner.subscription()));
        turn.persist(ConsumerRecords.target(group.groupId(), memberId, target));
        turn.persist(ConsumerRecords.holding(
                group.groupId(), memberId, owner.holding().taken()));
        turn.followUp(new ConsumerKind.Changed(group.groupId()));
        return group.member(memberId);
    }

    /** Steps 1 and 2; whether the member's own subscription changed. */
    private boolean refresh(
            ConsumerRequest.Heartbeat beat,
            String memberId,
            @Nullable ConsumerMember before,
            Turn<GroupAnswer, GroupFollowUp> turn) {
        if (before != null && before.subscription().saysNothingNew(beat) && nothingNew(group(beat.groupId()), turn)) {
            return false;
        }
        Subscription former = before == null ? Subscription.NONE : before.subscription();
        Subscription next = former.updated(beat);
        if (before == null || !next.equals(former)) {
            turn.persist(ConsumerRecords.member(beat.groupId(), memberId, next));
            turn.followUp(new ConsumerKind.Changed(beat.groupId()));
        }
        ConsumerGroup group = group(beat.groupId());
        boolean changed = !next.topicNames().equals(former.topicNames()) || !next.sameRegex(former);
        if (!next.sameRegex(former)) {
            dropUnused(group, former, turn);
        }
        boolean resolvedAnew = resolve(group, beat, turn);
        long hash = topics.hash(group.subscribedTopics());
        if (group.epoch() == 0 || changed || resolvedAnew || hash != group.metadataHash()) {
            raiseEpoch(group, hash, turn);
        }
        group.seen().note(topics.identity());
        return changed;
    }

    private boolean nothingNew(ConsumerGroup group, Turn<GroupAnswer, GroupFollowUp> turn) {
        return group.seen().has(topics.identity())
                && (group.regexes().isEmpty()
                        || !group.seen().regexesDue(topics.identity(), turn.nowMs(), rules.regexRefreshMs()));
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
    private boolean resolve(
            ConsumerGroup group, ConsumerRequest.Heartbeat beat, Turn<GroupAnswer, GroupFollowUp> turn) {
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
            NavigableSet<String> matching = topics.matching(regex, beat.visible());
            if (known == null || !known.topics().equals(matching)) {
                turn.persist(ConsumerRecords.regex(
                        group.groupId(), regex, new ResolvedRegex(matching, topics.version(), turn.nowMs())));
                changed = true;
            }
        }
        seen.noteRegexes(topics.identity(), turn.nowMs());
        return changed;
    }

    /** Step 3: makes the target assignment of the current group epoch; only what changed is written. */
    private void retarget(ConsumerGroup group, Turn<GroupAnswer, GroupFollowUp> turn) {
        NavigableMap<Uuid, Integer> counts = topics.counts(group.subscribedTopics());
        List<Assignor.Candidate> candidates = new ArrayList<>();
        for (ConsumerMember member : group.members()) {
            NavigableSet<Uuid> reads = new TreeSet<>(
                    topics.counts(group.topicsOf(member.subscription())).keySet());
            candidates.add(new Assignor.Candidate(
                    member.memberId(), member.subscription().instanceId(), reads, group.target(member.memberId())));
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
    private Holding reconcile(
            ConsumerGroup group,
            String memberId,
            @Nullable Set<PartitionId> owned,
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
        Holding next = Reconciler.step(now, goal, owned, subscriptionChanged);
        if (next.equals(now)) {
            return now;
        }
        turn.persist(ConsumerRecords.holding(group.groupId(), memberId, next));
        turn.followUp(new ConsumerKind.Changed(group.groupId()));
        if (next.state() == MemberState.UNREVOKED_PARTITIONS) {
            awaitRevocation(group, member, turn);
        } else {
            turn.cancelTimer(new ConsumerTimer.Revocation(group.groupId(), memberId));
        }
        return next;
    }

    /** Somebody leaves, for good or for a while. */
    ConsumerRequest.Beaten leave(ConsumerRequest.Heartbeat beat, Turn<GroupAnswer, GroupFollowUp> turn) {
        ConsumerGroup group = groups.find(beat.groupId(), ConsumerGroup.class).orElse(null);
        if (group == null) {
            return ConsumerRequest.Beaten.refused(
                    Admission.notFound(beat.groupId(), groups.get(beat.groupId()) != null));
        }
        ConsumerMember member =
                beat.instanceId() == null ? group.member(beat.memberId()) : group.staticMember(beat.instanceId());
        if (member == null) {
            return ConsumerRequest.Beaten.refused(
                    Admission.unknown("Member " + beat.memberId() + " is not a member of the group."));
        }
        if (!member.memberId().equals(beat.memberId())) {
            return ConsumerRequest.Beaten.refused(Admission.fencedInstance(beat.memberId(), member));
        }
        if (beat.memberEpoch() == ConsumerRequest.STATIC_LEAVE_EPOCH) {
            turn.persist(ConsumerRecords.holding(
                    group.groupId(), member.memberId(), member.holding().parked()));
            turn.followUp(new ConsumerKind.Changed(group.groupId()));
            turn.cancelTimer(new ConsumerTimer.Revocation(group.groupId(), member.memberId()));
        } else {
            remove(group, member, turn);
        }
        return new ConsumerRequest.Beaten(Errors.NONE, null, beat.memberId(), beat.memberEpoch(), 0, null);
    }

    /** Takes a member out; the others learn of it by the next group epoch. */
    void remove(ConsumerGroup group, ConsumerMember member, Turn<GroupAnswer, GroupFollowUp> turn) {
        ConsumerRecords.memberGone(group.groupId(), member.memberId()).forEach(turn::persist);
        dropUnused(group, member.subscription(), turn);
        raiseEpoch(group, topics.hash(group.subscribedTopics()), turn);
        cancelTimers(group.groupId(), member.memberId(), turn);
    }

    /** Sets a member's timers as if it had just reported. */
    void arm(ConsumerGroup group, ConsumerMember member, Turn<GroupAnswer, GroupFollowUp> turn) {
        int sessionMs = rules.sessionTimeoutMs(topics.groupConfigs(group.groupId()));
        turn.setTimer(new ConsumerTimer.Session(group.groupId(), member.memberId()), turn.nowMs() + sessionMs);
        if (member.holding().state() == MemberState.UNREVOKED_PARTITIONS
                && member.holding().memberEpoch() != ConsumerRequest.STATIC_LEAVE_EPOCH) {
            awaitRevocation(group, member, turn);
        }
    }

    private static void awaitRevocation(
            ConsumerGroup group, ConsumerMember member, Turn<GroupAnswer, GroupFollowUp> turn) {
        int timeoutMs = member.subscription().rebalanceTimeoutMs();
        turn.setTimer(
                new ConsumerTimer.Revocation(group.groupId(), member.memberId()),
                turn.nowMs() + (timeoutMs < 0 ? DEFAULT_REBALANCE_TIMEOUT_MS : timeoutMs));
    }

    private static void cancelTimers(String groupId, String memberId, Turn<GroupAnswer, GroupFollowUp> turn) {
        turn.cancelTimer(new ConsumerTimer.Session(groupId, memberId));
        turn.cancelTimer(new ConsumerTimer.Revocation(groupId, memberId));
    }
}
