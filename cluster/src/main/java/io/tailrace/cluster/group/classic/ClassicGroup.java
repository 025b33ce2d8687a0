// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.classic;

import io.tailrace.cluster.coordinator.CoordinatorRecord;
import io.tailrace.cluster.coordinator.Journal;
import io.tailrace.cluster.coordinator.JournaledCell;
import io.tailrace.cluster.coordinator.Turn;
import io.tailrace.cluster.group.CommittedOffset;
import io.tailrace.cluster.group.Group;
import io.tailrace.cluster.group.GroupAnswer;
import io.tailrace.cluster.group.GroupFollowUp;
import io.tailrace.cluster.group.OffsetRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * One classic group: its members and generation, and the questions that can be answered from them. It decides nothing that takes time; that
 * is the business of {@link Rounds}.
 *
 * <p>The replicated part is the {@link ClassicSnapshot}; the rest is built from it when the partition is loaded.
 */
final class ClassicGroup implements Group {

    /** The protocol type whose subscriptions the coordinator can read. */
    private static final String CONSUMER = "consumer";

    private final String groupId;
    private final ClassicKind kind;
    private final JournaledCell<Optional<ClassicSnapshot>> snapshot;

    private ClassicState state = ClassicState.EMPTY;
    private long stateSinceMs = -1;
    private int generation;
    private String protocolType = "";
    private @Nullable String protocolName;
    private @Nullable String leader;
    private final Map<String, ClassicMember> members = new LinkedHashMap<>();
    private final Map<String, String> memberByInstance = new HashMap<>();
    /** Ids given out (KIP-394) to members that have not come back with them yet. */
    private final Set<String> promisedIds = new LinkedHashSet<>();
    /** Members of this generation that have not sent SyncGroup yet. */
    private final Set<String> unsynced = new LinkedHashSet<>();

    /** While the first round of an empty group waits for more members; null otherwise. */
    private @Nullable InitialDelay initialDelay;

    private boolean memberAdded;
    private boolean storingAssignment;

    ClassicGroup(String groupId, ClassicKind kind, Journal journal) {
        this.groupId = groupId;
        this.kind = kind;
        this.snapshot = new JournaledCell<>(journal, Optional.empty());
    }

    // What the log knows.

    Optional<ClassicSnapshot> snapshot() {
        return snapshot.get();
    }

    void setSnapshot(ClassicSnapshot next) {
        snapshot.set(Optional.of(next));
    }

    /** Becomes what the snapshot says, nobody waiting for anything. */
    void restore() {
        snapshot.get().ifPresent(known -> {
            var value = known.value();
            generation = value.generation();
            protocolType = value.protocolType();
            protocolName = value.protocol();
            leader = value.leader();
            stateSinceMs = value.currentStateTimestamp();
            value.members().forEach(stored -> {
                int rebalanceMs = stored.rebalanceTimeout() == -1 ? stored.sessionTimeout() : stored.rebalanceTimeout();
                ClassicMember member = new ClassicMember(
                        stored.memberId(),
                        stored.groupInstanceId(),
                        new ClassicRequest.Client(stored.clientId(), stored.clientHost()),
                        List.of(new ClassicRequest.Protocol(
                                value.protocol() == null ? "" : value.protocol(), stored.subscription())),
                        stored.sessionTimeout(),
                        rebalanceMs);
                member.assign(stored.assignment());
                members.put(member.memberId(), member);
                if (member.instanceId() != null) {
                    memberByInstance.put(member.instanceId(), member.memberId());
                }
            });
            state = members.isEmpty() ? ClassicState.EMPTY : ClassicState.STABLE;
        });
    }

    /** Becomes a stable group of these members, who come from a group of another kind. */
    void become(Roster roster, String type, long nowMs) {
        generation = roster.generation();
        for (Roster.Member each : roster.members()) {
            ClassicMember member = new ClassicMember(
                    each.memberId(),
                    each.instanceId(),
                    each.client(),
                    each.protocols(),
                    each.sessionTimeoutMs(),
                    each.rebalanceTimeoutMs());
            member.assign(each.assignment());
            add(member, type);
        }
        protocolName = electProtocol();
        enter(ClassicState.STABLE, nowMs);
    }

    /** The members as another kind of group would take them over. */
    Roster roster() {
        return new Roster(
                generation,
                protocolName,
                members.values().stream()
                        .map(member -> new Roster.Member(
                                member.memberId(),
                                member.instanceId(),
                                member.client(),
                                member.protocols(),
                                member.sessionTimeoutMs(),
                                member.rebalanceTimeoutMs(),
                                member.assignment()))
                        .toList());
    }

    // State and generation.

    ClassicState state() {
        return state;
    }

    void enter(ClassicState next, long nowMs) {
        state = next;
        stateSinceMs = nowMs;
        if (next != ClassicState.COMPLETING_REBALANCE) {
            storingAssignment = false;
        }
    }

    int generation() {
        return generation;
    }

    @Nullable
    String protocolName() {
        return protocolName;
    }

    @Nullable
    String leader() {
        return leader;
    }

    boolean isLeader(String memberId) {
        return memberId.equals(leader);
    }

    /** Begins the next generation with the members there are. */
    void beginGeneration(long nowMs) {
        generation++;
        unsynced.clear();
        if (members.isEmpty()) {
            protocolName = null;
            leader = null;
            enter(ClassicState.EMPTY, nowMs);
        } else {
            protocolName = electProtocol();
            unsynced.addAll(members.keySet());
            enter(ClassicState.COMPLETING_REBALANCE, nowMs);
        }
    }

    /** Makes sure that the leader is somebody who has joined this round; false if nobody has. */
    boolean electLeader() {
        ClassicMember current = leader == null ? null : members.get(leader);
        if (current != null && current.awaitsJoin()) {
            return true;
        }
        for (ClassicMember member : members.values()) {
            if (member.awaitsJoin()) {
                leader = member.memberId();
                return true;
            }
        }
        return false;
    }

    // Protocols.

    /** Whether somebody with these protocols may be a member: of the group's type, and sharing one protocol with all others. */
    boolean admits(String type, List<ClassicRequest.Protocol> protocols) {
        if (type.isEmpty() || protocols.isEmpty()) {
            return false;
        }
        if (state == ClassicState.EMPTY) {
            return true;
        }
        return protocolType.equals(type) && protocols.stream().anyMatch(protocol -> everyoneKnows(protocol.name()));
    }

    private boolean everyoneKnows(String protocol) {
        return members.values().stream().allMatch(member -> member.knows(protocol));
    }

    /**
     * Elects a protocol: each member votes for the first of its own that everybody knows. Of equals, the one that the member longest in the
     * group likes best.
     */
    String electProtocol() {
        List<String> candidates = members.values().iterator().next().protocols().stream()
                .map(ClassicRequest.Protocol::name)
                .filter(this::everyoneKnows)
                .toList();
        Map<String, Integer> votes = new LinkedHashMap<>();
        candidates.forEach(candidate -> votes.put(candidate, 0));
        members.values()
                .forEach(member -> member.vote(candidates).ifPresent(vote -> votes.merge(vote, 1, Integer::sum)));
        String elected = "";
        int most = -1;
        for (Map.Entry<String, Integer> candidate : votes.entrySet()) {
            if (candidate.getValue() > most) {
                most = candidate.getValue();
                elected = candidate.getKey();
            }
        }
        return elected;
    }

    // Members.

    Collection<ClassicMember> members() {
        return members.values();
    }

    @Nullable
    ClassicMember member(String memberId) {
        return members.get(memberId);
    }

    boolean hasMember(String memberId) {
        return members.containsKey(memberId);
    }

    Optional<String> memberOfInstance(@Nullable String instanceId) {
        return instanceId == null ? Optional.empty() : Optional.ofNullable(memberByInstance.get(instanceId));
    }

    /** Who speaks: NONE if it is the member it says, else the error it gets. */
    Errors identify(String memberId, @Nullable String instanceId) {
        if (instanceId != null) {
            String owner = memberByInstance.get(instanceId);
            if (owner == null) {
                return Errors.UNKNOWN_MEMBER_ID;
            }
            if (!owner.equals(memberId)) {
                return Errors.FENCED_INSTANCE_ID;
            }
        }
        return members.containsKey(memberId) ? Errors.NONE : Errors.UNKNOWN_MEMBER_ID;
    }

    void add(ClassicMember member, String type) {
        if (members.isEmpty()) {
            protocolType = type;
        }
        members.put(member.memberId(), member);
        if (member.instanceId() != null) {
            memberByInstance.put(member.instanceId(), member.memberId());
        }
        if (leader == null) {
            leader = member.memberId();
        }
        promisedIds.remove(member.memberId());
    }

    void remove(ClassicMember member) {
        members.remove(member.memberId());
        unsynced.remove(member.memberId());
        if (member.instanceId() != null) {
            memberByInstance.remove(member.instanceId(), member.memberId());
        }
        if (isLeader(member.memberId())) {
            leader = members.isEmpty() ? null : members.keySet().iterator().next();
        }
    }

    /** A static member came back: its instance goes on under a new member id, in the same place among the members. */
    ClassicMember rename(ClassicMember member, String newMemberId) {
        ClassicMember renamed = member.renamed(newMemberId);
        List<ClassicMember> all = new ArrayList<>(members.values());
        members.clear();
        all.forEach(each -> {
            ClassicMember kept = each == member ? renamed : each;
            members.put(kept.memberId(), kept);
        });
        if (member.instanceId() != null) {
            memberByInstance.put(member.instanceId(), newMemberId);
        }
        if (isLeader(member.memberId())) {
            leader = newMemberId;
        }
        if (unsynced.remove(member.memberId())) {
            unsynced.add(newMemberId);
        }
        return renamed;
    }

    Set<String> promisedIds() {
        return promisedIds;
    }

    Set<String> unsynced() {
        return unsynced;
    }

    boolean everyoneJoined() {
        return promisedIds.isEmpty() && members.values().stream().allMatch(ClassicMember::awaitsJoin);
    }

    long joinedCount() {
        return members.values().stream().filter(ClassicMember::awaitsJoin).count();
    }

    /** As long as the slowest member wants. */
    int rebalanceTimeoutMs() {
        return members.values().stream()
                .mapToInt(ClassicMember::rebalanceTimeoutMs)
                .max()
                .orElse(0);
    }

    /**
     * The wait of the first round.
     *
     * @param delayMs of the part that runs now
     * @param remainingMs that it may still be extended by
     */
    record InitialDelay(long delayMs, long remainingMs) {}

    @Nullable
    InitialDelay initialDelay() {
        return initialDelay;
    }

    void setInitialDelay(@Nullable InitialDelay delay) {
        initialDelay = delay;
    }

    boolean takeMemberAdded() {
        boolean added = memberAdded;
        memberAdded = false;
        return added;
    }

    void noteMemberAdded() {
        memberAdded = true;
    }

    boolean storingAssignment() {
        return storingAssignment;
    }

    void setStoringAssignment(boolean storing) {
        storingAssignment = storing;
    }

    // As offsets and administration see it.

    @Override
    public String groupId() {
        return groupId;
    }

    @Override
    public GroupType type() {
        return GroupType.CLASSIC;
    }

    @Override
    public ClassicKind kind() {
        return kind;
    }

    @Override
    public String protocolType() {
        return protocolType;
    }

    @Override
    public String stateName() {
        return state.kafkaName();
    }

    @Override
    public boolean isEmpty() {
        return members.isEmpty() && promisedIds.isEmpty() && state == ClassicState.EMPTY;
    }

    @Override
    public Errors acceptCommit(OffsetRequest.Commit commit, Turn<GroupAnswer, GroupFollowUp> turn) {
        boolean anonymous = commit.generation() < 0 && commit.memberId().isEmpty() && commit.instanceId() == null;
        if (commit.generation() < 0 && state == ClassicState.EMPTY) {
            return Errors.NONE;
        }
        if (anonymous) {
            return commit.transactional() ? Errors.NONE : Errors.UNKNOWN_MEMBER_ID;
        }
        Errors identity = identify(commit.memberId(), commit.instanceId());
        if (identity != Errors.NONE) {
            return identity;
        }
        if (commit.generation() != generation) {
            return Errors.ILLEGAL_GENERATION;
        }
        if (!commit.transactional() && state == ClassicState.COMPLETING_REBALANCE) {
            return Errors.REBALANCE_IN_PROGRESS;
        }
        kind.rounds().keepAlive(this, commit.memberId(), turn);
        return Errors.NONE;
    }

    @Override
    public Errors acceptFetch(OffsetRequest.Fetch fetch) {
        return Errors.NONE;
    }

    /** In a group with members only the offsets of topics that nobody reads may go, and only if the coordinator can tell which those are. */
    @Override
    public Errors acceptOffsetDelete() {
        return state == ClassicState.EMPTY || protocolType.equals(CONSUMER) ? Errors.NONE : Errors.NON_EMPTY_GROUP;
    }

    @Override
    public Errors acceptDelete() {
        return state == ClassicState.EMPTY ? Errors.NONE : Errors.NON_EMPTY_GROUP;
    }

    @Override
    public boolean mayReadTopic(String topic) {
        if (members.isEmpty()) {
            return false;
        }
        return subscribedTopics().map(topics -> topics.contains(topic)).orElse(true);
    }

    @Override
    public OffsetAge offsetAge(String topic, CommittedOffset offset) {
        if (protocolType.isEmpty()) {
            return new OffsetAge(offset.commitMs());
        }
        if (state == ClassicState.EMPTY) {
            return new OffsetAge(stateSinceMs < 0 ? offset.commitMs() : stateSinceMs);
        }
        boolean abandoned = state == ClassicState.STABLE && !mayReadTopic(topic);
        return abandoned ? new OffsetAge(offset.commitMs()) : OffsetAge.IN_USE;
    }

    /** What the members subscribe to; empty if they speak no language that the coordinator can read. */
    private Optional<Set<String>> subscribedTopics() {
        return protocolType.equals(CONSUMER) ? Subscriptions.topics(members.values(), protocolName) : Optional.empty();
    }

    @Override
    public List<CoordinatorRecord> tombstones() {
        return List.of(ClassicSnapshot.tombstone(groupId));
    }

    @Override
    public String toString() {
        return groupId + ' ' + snapshot.get();
    }
}
