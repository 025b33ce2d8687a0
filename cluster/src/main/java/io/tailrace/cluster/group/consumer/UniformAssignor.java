// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;

/**
 * Spreads partitions evenly and moves as few as it can. Racks are not looked at.
 *
 * <p><b>All members subscribe to the same topics.</b> Each keeps what it had, up to its share: the floor of the mean, and one more for as
 * many as the remainder goes, first for those who already had more. Thus exactly the surplus moves, and counts differ by one at most. Where
 * several could give up the same or take the rest, it is those whose next heartbeat comes soonest, as nobody else hears of it sooner.
 *
 * <p><b>Subscriptions differ.</b> Everyone keeps what it had and may still have, the rest goes to the least loaded subscriber, rarest topics
 * first; then partitions go from a member to a less loaded subscriber of their topic as long as that brings the two nearer. Each such move
 * lessens the sum of squared loads, so it ends; when it has, no single move makes the assignment more even.
 */
final class UniformAssignor implements Assignor {

    /** Equals stay in the order of their ids. */
    private static final Comparator<Candidate> SOONEST = Comparator.comparingLong(Candidate::nextReportMs);

    @Override
    public String name() {
        return "uniform";
    }

    @Override
    public Map<String, NavigableSet<PartitionId>> assign(
            List<Candidate> members, NavigableMap<Uuid, Integer> partitionCounts) {
        Map<String, NavigableSet<PartitionId>> assignment = new TreeMap<>();
        members.forEach(member -> assignment.put(member.memberId(), new TreeSet<>()));
        if (members.isEmpty()) {
            return assignment;
        }
        NavigableSet<Uuid> first = members.get(0).topics();
        if (members.stream().allMatch(member -> member.topics().equals(first))) {
            assignAlike(members, first, partitionCounts, assignment);
        } else {
            assignUnlike(members, partitionCounts, assignment);
        }
        return assignment;
    }

    private static void assignAlike(
            List<Candidate> members,
            NavigableSet<Uuid> topics,
            NavigableMap<Uuid, Integer> counts,
            Map<String, NavigableSet<PartitionId>> assignment) {
        NavigableSet<PartitionId> free = new TreeSet<>();
        topics.forEach(topic -> addAll(topic, counts.getOrDefault(topic, 0), free));
        int share = free.size() / members.size();
        int longer = free.size() % members.size();
        for (Candidate member : members.stream().sorted(SOONEST.reversed()).toList()) {
            List<PartitionId> had =
                    member.current().stream().filter(free::contains).toList();
            boolean keepsOneMore = had.size() > share && longer > 0;
            List<PartitionId> kept = had.subList(0, Math.min(had.size(), keepsOneMore ? share + 1 : share));
            longer -= keepsOneMore ? 1 : 0;
            kept.forEach(free::remove);
            of(member, assignment).addAll(kept);
        }
        List<PartitionId> rest = new ArrayList<>(free);
        int next = 0;
        for (Candidate member : members) {
            NavigableSet<PartitionId> mine = of(member, assignment);
            while (mine.size() < share) {
                mine.add(rest.get(next++));
            }
        }
        for (Candidate member : members.stream().sorted(SOONEST).toList()) {
            NavigableSet<PartitionId> mine = of(member, assignment);
            if (next < rest.size() && mine.size() == share) {
                mine.add(rest.get(next++));
            }
        }
    }

    private static void assignUnlike(
            List<Candidate> members,
            NavigableMap<Uuid, Integer> counts,
            Map<String, NavigableSet<PartitionId>> assignment) {
        Map<Uuid, List<Candidate>> subscribers = new HashMap<>();
        counts.keySet()
                .forEach(topic -> subscribers.put(
                        topic,
                        members.stream()
                                .filter(member -> member.topics().contains(topic))
                                .toList()));
        NavigableSet<PartitionId> free = new TreeSet<>();
        counts.forEach((topic, count) -> {
            if (!subscribersOf(topic, subscribers).isEmpty()) {
                addAll(topic, count, free);
            }
        });
        for (Candidate member : members) {
            for (PartitionId partition : member.current()) {
                if (member.topics().contains(partition.topicId()) && free.remove(partition)) {
                    of(member, assignment).add(partition);
                }
            }
        }
        List<Uuid> rarestFirst = counts.keySet().stream()
                .sorted(Comparator.comparingInt((Uuid topic) ->
                                subscribersOf(topic, subscribers).size())
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
        for (Uuid topic : rarestFirst) {
            handOut(subscribersOf(topic, subscribers), topic, counts.getOrDefault(topic, 0), free, assignment);
        }
        boolean moved = true;
        while (moved) {
            moved = false;
            for (Uuid topic : rarestFirst) {
                moved |= level(subscribersOf(topic, subscribers), topic, assignment);
            }
        }
    }

    private static void handOut(
            List<Candidate> subscribers,
            Uuid topic,
            int count,
            NavigableSet<PartitionId> free,
            Map<String, NavigableSet<PartitionId>> assignment) {
        PriorityQueue<Candidate> leastLoaded = new PriorityQueue<>(
                Math.max(1, subscribers.size()),
                Comparator.comparingInt(
                                (Candidate member) -> of(member, assignment).size())
                        .thenComparing(Candidate::memberId));
        leastLoaded.addAll(subscribers);
        for (int number = 0; number < count; number++) {
            PartitionId partition = new PartitionId(topic, number);
            if (free.remove(partition)) {
                Candidate member = leastLoaded.remove();
                of(member, assignment).add(partition);
                leastLoaded.add(member);
            }
        }
    }

    /** Moves this topic's partitions from the most to the least loaded subscribers; whether any moved. */
    private static boolean level(
            List<Candidate> subscribers, Uuid topic, Map<String, NavigableSet<PartitionId>> assignment) {
        boolean any = false;
        while (true) {
            Candidate giver = null;
            Candidate taker = null;
            for (Candidate member : subscribers) {
                int load = of(member, assignment).size();
                if (taker == null || load < of(taker, assignment).size()) {
                    taker = member;
                }
                if (!within(topic, of(member, assignment)).isEmpty()
                        && (giver == null || load > of(giver, assignment).size())) {
                    giver = member;
                }
            }
            if (giver == null
                    || taker == null
                    || of(giver, assignment).size() - of(taker, assignment).size() < 2) {
                return any;
            }
            PartitionId partition = within(topic, of(giver, assignment)).last();
            of(giver, assignment).remove(partition);
            of(taker, assignment).add(partition);
            any = true;
        }
    }

    private static NavigableSet<PartitionId> within(Uuid topic, NavigableSet<PartitionId> partitions) {
        return partitions.subSet(new PartitionId(topic, 0), true, new PartitionId(topic, Integer.MAX_VALUE), true);
    }

    private static List<Candidate> subscribersOf(Uuid topic, Map<Uuid, List<Candidate>> subscribers) {
        return subscribers.getOrDefault(topic, List.of());
    }

    private static NavigableSet<PartitionId> of(Candidate member, Map<String, NavigableSet<PartitionId>> assignment) {
        return assignment.computeIfAbsent(member.memberId(), id -> new TreeSet<>());
    }

    private static void addAll(Uuid topic, int count, NavigableSet<PartitionId> partitions) {
        for (int number = 0; number < count; number++) {
            partitions.add(new PartitionId(topic, number));
        }
    }
}
