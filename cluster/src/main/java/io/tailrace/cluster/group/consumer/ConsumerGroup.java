// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import io.tailrace.cluster.coordinator.CoordinatorRecord;
import io.tailrace.cluster.coordinator.Journal;
import io.tailrace.cluster.coordinator.JournaledCell;
import io.tailrace.cluster.coordinator.JournaledMap;
import io.tailrace.cluster.coordinator.Turn;
import io.tailrace.cluster.group.CommittedOffset;
import io.tailrace.cluster.group.Group;
import io.tailrace.cluster.group.GroupAnswer;
import io.tailrace.cluster.group.GroupFollowUp;
import io.tailrace.cluster.group.OffsetRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * One consumer group: members, epochs and assignments as the log has them, with the indexes over them that heartbeats need.
 *
 * <p>Three epochs follow one another: the group epoch, raised by each change of members, subscriptions or topics; the target epoch, the
 * group epoch that the target assignment was made for; and each member's own, which follows the target's as the member reconciles.
 */
final class ConsumerGroup implements Group {

    private static final String PROTOCOL_TYPE = "consumer";
    /** The first version of OffsetCommit whose clients know the error codes of member epochs. */
    private static final int COMMIT_VERSION = 9;

    private final String groupId;
    private final ConsumerKind kind;
    private final JournaledCell<Integer> epoch;
    private final JournaledCell<Long> metadataHash;
    private final JournaledCell<Integer> targetEpoch;
    private final JournaledCell<Boolean> hasPartitionMetadata;
    private final JournaledMap<String, ConsumerMember> members;
    private final JournaledMap<String, NavigableSet<PartitionId>> targets;
    private final JournaledMap<String, ResolvedRegex> regexes;
    private final JournaledMap<String, String> memberByInstance;
    private final JournaledMap<PartitionId, String> holders;

    private final Seen seen = new Seen();
    /** By when a classic member must have joined again; soft, as its timers are. */
    private final Map<String, Long> joinDeadlinesMs = new HashMap<>();
    /** When members of the consumer protocol were asked to report next; soft, too. */
    private final Map<String, Long> nextReportsMs = new HashMap<>();
    /** When the target assignment was made; a time in the log, which only tells how fast the group moves. */
    private long targetMs;

    ConsumerGroup(String groupId, ConsumerKind kind, Journal journal) {
        this.groupId = groupId;
        this.kind = kind;
        this.epoch = new JournaledCell<>(journal, 0);
        this.metadataHash = new JournaledCell<>(journal, 0L);
        this.targetEpoch = new JournaledCell<>(journal, 0);
        this.hasPartitionMetadata = new JournaledCell<>(journal, false);
        this.members = new JournaledMap<>(journal);
        this.targets = new JournaledMap<>(journal);
        this.regexes = new JournaledMap<>(journal);
        this.memberByInstance = new JournaledMap<>(journal);
        this.holders = new JournaledMap<>(journal);
    }

    // Changed by records alone.

    void setEpoch(int next, long hash) {
        epoch.set(next);
        metadataHash.set(hash);
    }

    void setTargetEpoch(int next, long madeMs) {
        targetEpoch.set(next);
        targetMs = madeMs;
    }

    void setHasPartitionMetadata(boolean has) {
        hasPartitionMetadata.set(has);
    }

    void setSubscription(String memberId, Subscription subscription) {
        ConsumerMember before = members.get(memberId);
        Holding holding = before == null ? Holding.NOTHING : before.holding();
        members.put(memberId, new ConsumerMember(memberId, subscription, holding));
        if (subscription.instanceId() != null) {
            memberByInstance.put(subscription.instanceId(), memberId);
        }
    }

    void setTarget(String memberId, @Nullable NavigableSet<PartitionId> target) {
        if (target == null) {
            targets.remove(memberId);
        } else {
            targets.put(memberId, Collections.unmodifiableNavigableSet(target));
        }
    }

    void setHolding(String memberId, Holding holding) {
        ConsumerMember before = members.get(memberId);
        if (before != null) {
            release(before);
        }
        Subscription subscription = before == null ? Subscription.NONE : before.subscription();
        members.put(memberId, new ConsumerMember(memberId, subscription, holding));
        holding.assigned().keySet().forEach(partition -> holders.put(partition, memberId));
        holding.revoking().keySet().forEach(partition -> holders.put(partition, memberId));
    }

    void removeHolding(String memberId) {
        ConsumerMember before = members.get(memberId);
        if (before != null) {
            release(before);
            members.put(memberId, before.with(Holding.NOTHING));
        }
    }

    void removeMember(String memberId) {
        ConsumerMember gone = members.remove(memberId);
        if (gone == null) {
            return;
        }
        release(gone);
        joinDeadlinesMs.remove(memberId);
        nextReportsMs.remove(memberId);
        String instanceId = gone.subscription().instanceId();
        if (instanceId != null && memberId.equals(memberByInstance.get(instanceId))) {
            memberByInstance.remove(instanceId);
        }
    }

    private void release(ConsumerMember member) {
        member.holding().assigned().keySet().forEach(partition -> release(partition, member.memberId()));
        member.holding().revoking().keySet().forEach(partition -> release(partition, member.memberId()));
    }

    private void release(PartitionId partition, String memberId) {
        if (memberId.equals(holders.get(partition))) {
            holders.remove(partition);
        }
    }

    void setRegex(String regex, @Nullable ResolvedRegex resolved) {
        if (resolved == null) {
            regexes.remove(regex);
        } else {
            regexes.put(regex, resolved);
        }
    }

    // Asked by decisions.

    int epoch() {
        return epoch.get();
    }

    long metadataHash() {
        return metadataHash.get();
    }

    int targetEpoch() {
        return targetEpoch.get();
    }

    /** When the target assignment was made, milliseconds since the epoch; 0 if nobody noted it. */
    long targetMs() {
        return targetMs;
    }

    boolean hasPartitionMetadata() {
        return hasPartitionMetadata.get();
    }

    Seen seen() {
        return seen;
    }

    int size() {
        return members.size();
    }

    @Nullable
    ConsumerMember member(String memberId) {
        return members.get(memberId);
    }

    @Nullable
    ConsumerMember staticMember(String instanceId) {
        String memberId = memberByInstance.get(instanceId);
        return memberId == null ? null : members.get(memberId);
    }

    /** By when this member must have joined again: the deadline that it was given before, if it was. */
    long joinDeadlineMs(String memberId, long otherwiseMs) {
        return joinDeadlinesMs.computeIfAbsent(memberId, id -> otherwiseMs);
    }

    void forgetJoinDeadline(String memberId) {
        joinDeadlinesMs.remove(memberId);
    }

    void expectReport(String memberId, long atMs) {
        nextReportsMs.put(memberId, atMs);
    }

    /** When the member's next heartbeat is expected; {@link Long#MAX_VALUE} if that is not known. */
    long nextReportMs(String memberId) {
        return nextReportsMs.getOrDefault(memberId, Long.MAX_VALUE);
    }

    /** Whether every member that stays speaks the classic protocol, and there is one. */
    boolean allClassicWithout(Set<String> leaving) {
        List<ConsumerMember> staying = members.values().stream()
                .filter(member -> !leaving.contains(member.memberId()))
                .toList();
        return !staying.isEmpty()
                && staying.stream().allMatch(member -> member.subscription().usesClassic());
    }

    /** Whether all members that speak the classic protocol know one of these. */
    boolean sharesProtocol(List<String> names) {
        List<ClassicTraits> classic = members.values().stream()
                .flatMap(member -> Stream.ofNullable(member.subscription().classic()))
                .toList();
        return names.stream().anyMatch(name -> classic.stream().allMatch(traits -> traits.protocols().stream()
                .anyMatch(protocol -> protocol.name().equals(name))));
    }

    /** Sorted by member id. */
    List<ConsumerMember> members() {
        return members.values().stream()
                .sorted(Comparator.comparing(ConsumerMember::memberId))
                .toList();
    }

    NavigableSet<PartitionId> target(String memberId) {
        NavigableSet<PartitionId> target = targets.get(memberId);
        return target == null ? Collections.emptyNavigableSet() : target;
    }

    boolean heldByOthers(PartitionId partition, String memberId) {
        String holder = holders.get(partition);
        return holder != null && !holder.equals(memberId);
    }

    Map<String, ResolvedRegex> regexes() {
        return regexes.asMap();
    }

    /** The patterns that members have. */
    NavigableSet<String> subscribedRegexes() {
        NavigableSet<String> subscribed = new TreeSet<>();
        for (ConsumerMember member : members.values()) {
            String regex = member.subscription().topicRegex();
            if (regex != null && !regex.isEmpty()) {
                subscribed.add(regex);
            }
        }
        return subscribed;
    }

    /** What a subscription stands for; a pattern that was not resolved yet stands for nothing. */
    NavigableSet<String> topicsOf(Subscription subscription) {
        ResolvedRegex resolved = subscription.topicRegex() == null ? null : regexes.get(subscription.topicRegex());
        if (resolved == null) {
            return subscription.topicNames();
        }
        NavigableSet<String> topics = new TreeSet<>(subscription.topicNames());
        topics.addAll(resolved.topics());
        return topics;
    }

    NavigableSet<String> subscribedTopics() {
        NavigableSet<String> topics = new TreeSet<>();
        members.values().forEach(member -> topics.addAll(member.subscription().topicNames()));
        subscribedRegexes().forEach(regex -> {
            ResolvedRegex resolved = regexes.get(regex);
            if (resolved != null) {
                topics.addAll(resolved.topics());
            }
        });
        return topics;
    }

    /** The assignor that most members vote for; of equals, the first by name; the default if nobody votes. */
    Assignor assignor() {
        Map<String, Integer> votes = new TreeMap<>();
        for (ConsumerMember member : members.values()) {
            String vote = member.subscription().serverAssignor();
            if (vote != null) {
                votes.merge(vote, 1, Integer::sum);
            }
        }
        String elected = "";
        int most = 0;
        for (Map.Entry<String, Integer> candidate : votes.entrySet()) {
            if (candidate.getValue() > most) {
                most = candidate.getValue();
                elected = candidate.getKey();
            }
        }
        return Assignors.find(elected).orElse(Assignors.DEFAULT);
    }

    // As offsets and administration see it.

    @Override
    public String groupId() {
        return groupId;
    }

    @Override
    public GroupType type() {
        return GroupType.CONSUMER;
    }

    @Override
    public ConsumerKind kind() {
        return kind;
    }

    @Override
    public String protocolType() {
        return PROTOCOL_TYPE;
    }

    @Override
    public String stateName() {
        if (members.isEmpty()) {
            return "Empty";
        }
        if (epoch() > targetEpoch()) {
            return "Assigning";
        }
        boolean settled =
                members.values().stream().allMatch(member -> member.holding().settledIn(targetEpoch()));
        return settled ? "Stable" : "Reconciling";
    }

    @Override
    public boolean isEmpty() {
        return members.isEmpty();
    }

    @Override
    public Errors acceptCommit(OffsetRequest.Commit commit, Turn<GroupAnswer, GroupFollowUp> turn) {
        boolean anonymous = commit.generation() < 0 && commit.memberId().isEmpty() && commit.instanceId() == null;
        if ((commit.generation() < 0 && members.isEmpty()) || (anonymous && commit.transactional())) {
            return Errors.NONE;
        }
        ConsumerMember member = members.get(commit.memberId());
        if (member == null) {
            return Errors.UNKNOWN_MEMBER_ID;
        }
        boolean classic = member.subscription().usesClassic();
        if (!commit.transactional() && !classic && commit.apiVersion() < COMMIT_VERSION) {
            return Errors.UNSUPPORTED_VERSION;
        }
        return commitsOwn(commit, member.holding()) ? Errors.NONE : staleEpoch(classic);
    }

    /** Classic members know their epoch as a generation. */
    private static Errors staleEpoch(boolean classic) {
        return classic ? Errors.ILLEGAL_GENERATION : Errors.STALE_MEMBER_EPOCH;
    }

    /**
     * A member may be an epoch behind when it commits, as epochs move under it while it works; what it commits then must have been its own
     * in that epoch and ever since (KIP-1251).
     */
    private boolean commitsOwn(OffsetRequest.Commit commit, Holding holding) {
        if (commit.generation() >= holding.memberEpoch()) {
            return commit.generation() == holding.memberEpoch();
        }
        return commit.offsets().stream().allMatch(offset -> {
            Integer since = kind.topics()
                    .partition(offset.partition(), offset.topicId())
                    .map(partition -> holding.assigned().containsKey(partition)
                            ? holding.assigned().get(partition)
                            : holding.revoking().get(partition))
                    .orElse(null);
            return since != null && since <= commit.generation();
        });
    }

    @Override
    public Errors acceptFetch(OffsetRequest.Fetch fetch) {
        if (fetch.memberId() == null && fetch.memberEpoch() < 0) {
            return Errors.NONE;
        }
        ConsumerMember member = fetch.memberId() == null ? null : members.get(fetch.memberId());
        if (member == null) {
            return Errors.UNKNOWN_MEMBER_ID;
        }
        return fetch.memberEpoch() == member.holding().memberEpoch()
                ? Errors.NONE
                : staleEpoch(member.subscription().usesClassic());
    }

    @Override
    public Errors acceptOffsetDelete() {
        return Errors.NONE;
    }

    @Override
    public Errors acceptDelete() {
        return members.isEmpty() ? Errors.NONE : Errors.NON_EMPTY_GROUP;
    }

    @Override
    public boolean mayReadTopic(String topic) {
        return members.values().stream()
                .anyMatch(member -> topicsOf(member.subscription()).contains(topic));
    }

    @Override
    public OffsetAge offsetAge(String topic, CommittedOffset offset) {
        return mayReadTopic(topic) ? OffsetAge.IN_USE : new OffsetAge(offset.commitMs());
    }

    @Override
    public List<CoordinatorRecord> tombstones() {
        List<CoordinatorRecord> tombstones = new ArrayList<>();
        members().forEach(member -> tombstones.addAll(ConsumerRecords.memberGone(groupId, member.memberId())));
        tombstones.add(ConsumerRecords.targetEpochGone(groupId));
        new TreeSet<>(regexes.keys()).forEach(regex -> tombstones.add(ConsumerRecords.regexGone(groupId, regex)));
        if (hasPartitionMetadata()) {
            tombstones.add(ConsumerRecords.partitionMetadataGone(groupId));
        }
        tombstones.add(ConsumerRecords.groupGone(groupId));
        return tombstones;
    }

    /** The replicated content, for comparing two groups. */
    @Override
    public String toString() {
        return groupId + " epoch=" + epoch + " hash=" + metadataHash + " targetEpoch=" + targetEpoch + " members="
                + new TreeMap<>(members.asMap()) + " targets=" + new TreeMap<>(targets.asMap()) + " regexes="
                + new TreeMap<>(regexes.asMap()) + " instances=" + new TreeMap<>(memberByInstance.asMap()) + " holders="
                + new TreeMap<>(holders.asMap());
    }
}
