// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import io.tailrace.cluster.coordinator.Turn;
import io.tailrace.cluster.group.Group;
import io.tailrace.cluster.group.GroupAnswer;
import io.tailrace.cluster.group.GroupFollowUp;
import io.tailrace.cluster.group.classic.ClassicRequest;
import io.tailrace.cluster.group.classic.Handover;
import io.tailrace.cluster.group.classic.Roster;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Turns live groups from one protocol to the other (KIP-848, online migration).
 *
 * <pre>
 *   classic group, members of type "consumer"
 *     -> consumer group     the first member of the consumer protocol joins; classic members stay, generation becomes epoch
 *   consumer group
 *     -> classic group      the last member of the consumer protocol leaves, dies or is replaced by a classic one; epoch becomes generation
 * </pre>
 *
 * <p>Either way the old kind's records are taken away and the new kind's written in one batch, so that the log holds one group at any time.
 */
final class Migration {

    private final ConsumerRules rules;
    private final Topics topics;
    private final Handover classic;

    Migration(ConsumerRules rules, Topics topics, Handover classic) {
        this.rules = rules;
        this.topics = topics;
        this.classic = classic;
    }

    Handover classic() {
        return classic;
    }

    // Upgrade.

    /** Why this group, which is not a consumer group and not empty, is no place for this member to join; null if it can be upgraded. */
    @Nullable
    Refusal upgradeRefusal(Group existing, ConsumerRequest.Heartbeat join) {
        Roster roster = classic.roster(existing).orElse(null);
        if (roster == null || !rules.migration().upgrades() || !readable(roster)) {
            return Admission.notFound(existing.groupId(), true);
        }
        if (classic.isStoring(existing)) {
            return new Refusal(
                    Errors.COORDINATOR_LOAD_IN_PROGRESS,
                    "Group " + existing.groupId() + " is finishing a rebalance. Try again.");
        }
        boolean grows = roster.members().stream()
                .noneMatch(member -> member.memberId().equals(join.memberId())
                        || (member.instanceId() != null && member.instanceId().equals(join.instanceId())));
        return roster.members().size() + (grows ? 1 : 0) > rules.maxSize() ? Admission.full(rules.maxSize()) : null;
    }

    private boolean readable(Roster roster) {
        return roster.members().stream()
                .allMatch(member -> subscription(roster, member).isPresent()
                        && EmbeddedProtocol.assignment(member.assignment(), topics)
                                .isPresent());
    }

    private Optional<EmbeddedProtocol.Subscribed> subscription(Roster roster, Roster.Member member) {
        return EmbeddedProtocol.subscription(member.subscription(roster.protocolName()), topics);
    }

    /** Makes a consumer group of a classic one; {@link #upgradeRefusal} had no objection. */
    void upgrade(Group group, Turn<GroupAnswer, GroupFollowUp> turn) {
        String groupId = group.groupId();
        Roster roster = classic.roster(group).orElseThrow();
        TreeMap<String, Subscription> subscriptions = new TreeMap<>();
        NavigableSet<String> subscribed = new TreeSet<>();
        for (Roster.Member member : roster.members()) {
            Subscription subscription = subscriptionOf(roster, member);
            subscriptions.put(member.memberId(), subscription);
            subscribed.addAll(subscription.topicNames());
        }
        TreeMap<String, Set<PartitionId>> holdings = holdings(roster);
        classic.release(groupId, turn);
        subscriptions.forEach(
                (memberId, subscription) -> turn.persist(ConsumerRecords.member(groupId, memberId, subscription)));
        turn.persist(ConsumerRecords.epoch(groupId, roster.generation(), topics.hash(subscribed)));
        holdings.forEach(
                (memberId, held) -> turn.persist(ConsumerRecords.target(groupId, memberId, new TreeSet<>(held))));
        turn.persist(ConsumerRecords.targetEpoch(groupId, roster.generation(), turn.nowMs()));
        holdings.forEach((memberId, held) ->
                turn.persist(ConsumerRecords.holding(groupId, memberId, Holding.settled(roster.generation(), held))));
        turn.followUp(new ConsumerKind.Changed(groupId));
        roster.members()
                .forEach(member -> turn.setTimer(
                        new ConsumerTimer.Session(groupId, member.memberId()),
                        turn.nowMs() + member.sessionTimeoutMs()));
    }

    private Subscription subscriptionOf(Roster roster, Roster.Member member) {
        EmbeddedProtocol.Subscribed said = subscription(roster, member).orElseThrow();
        return new Subscription(
                member.instanceId(),
                said.rackId(),
                member.client().id(),
                member.client().host(),
                said.topics(),
                null,
                member.rebalanceTimeoutMs(),
                null,
                new ClassicTraits(
                        member.sessionTimeoutMs(),
                        member.protocols().stream()
                                .map(protocol -> new ClassicTraits.Protocol(protocol.name(), protocol.metadata()))
                                .toList()));
    }

    /**
     * What each member holds: its assignment, and what it said that it owns if that was given to nobody. The latter counts in the middle of a
     * cooperative rebalance, where a partition is between two owners and the former may not have let go of it yet.
     */
    private TreeMap<String, Set<PartitionId>> holdings(Roster roster) {
        TreeMap<String, Set<PartitionId>> holdings = new TreeMap<>();
        Set<PartitionId> taken = new HashSet<>();
        for (Roster.Member member : roster.members()) {
            Set<PartitionId> held = holdings.computeIfAbsent(member.memberId(), id -> new TreeSet<>());
            EmbeddedProtocol.assignment(member.assignment(), topics).orElseThrow().stream()
                    .filter(taken::add)
                    .forEach(held::add);
        }
        for (Roster.Member member : roster.members()) {
            EmbeddedProtocol.Subscribed said = subscription(roster, member).orElseThrow();
            Set<PartitionId> held = Objects.requireNonNull(holdings.get(member.memberId()));
            said.owned().stream()
                    .filter(topics.among(said.topics()))
                    .filter(taken::add)
                    .forEach(held::add);
        }
        return holdings;
    }

    // Downgrade.

    /** Whether the group becomes a classic one when these members leave. */
    boolean downgrades(ConsumerGroup group, Set<String> leaving) {
        return rules.migration().downgrades()
                && group.allClassicWithout(leaving)
                && classic.hasRoomFor(group.size() - leaving.size());
    }

    /**
     * Makes a classic group of those who stay. They find their assignment anew, unless nobody left and all had what they were to have.
     *
     * <p>Each takes along what it holds, not what it was to hold, as Kafka has it: a group that is upgraded again before its members have
     * heard of this would else give away what they still read.
     */
    void downgrade(ConsumerGroup group, Set<String> leaving, Turn<GroupAnswer, GroupFollowUp> turn) {
        boolean rebalance = !leaving.isEmpty()
                || group.members().stream().anyMatch(member -> !member.holding().settledIn(group.epoch()));
        List<Roster.Member> staying = new ArrayList<>();
        for (ConsumerMember member : group.members()) {
            ConsumerTimer.cancelAll(group.groupId(), member.memberId(), turn);
            if (!leaving.contains(member.memberId())) {
                staying.add(classicMember(member));
            }
        }
        Roster roster = new Roster(group.epoch(), null, staying);
        group.tombstones().forEach(turn::persist);
        classic.adopt(group.groupId(), roster, rebalance, turn);
        turn.followUp(new ConsumerKind.Changed(group.groupId()));
    }

    private Roster.Member classicMember(ConsumerMember member) {
        Subscription subscription = member.subscription();
        ClassicTraits traits = Objects.requireNonNull(subscription.classic(), "only classic members stay");
        Set<PartitionId> held = new TreeSet<>(member.holding().assigned().keySet());
        held.addAll(member.holding().revoking().keySet());
        return new Roster.Member(
                member.memberId(),
                subscription.instanceId(),
                new ClassicRequest.Client(subscription.clientId(), subscription.clientHost()),
                traits.protocols().stream()
                        .map(protocol -> new ClassicRequest.Protocol(protocol.name(), protocol.subscription()))
                        .toList(),
                traits.sessionTimeoutMs(),
                subscription.rebalanceTimeoutMs(),
                EmbeddedProtocol.assignment(held, traits.protocols().get(0).subscription(), topics));
    }
}
