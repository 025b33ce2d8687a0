// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

/** What both assignors promise, over random groups, and what each promises beyond. */
class AssignorTest {

    private static final Uuid T = new Uuid(0, 1);
    private static final Uuid U = new Uuid(0, 2);
    private final Assignor uniform = new UniformAssignor();
    private final Assignor range = new RangeAssignor();

    private static Assignor.Candidate member(String id, Set<PartitionId> current, Uuid... topics) {
        return new Assignor.Candidate(id, null, new TreeSet<>(List.of(topics)), new TreeSet<>(current), Long.MAX_VALUE);
    }

    private static NavigableMap<Uuid, Integer> counts(int t, int u) {
        return new TreeMap<>(Map.of(T, t, U, u));
    }

    @Test
    void movesNoMoreThanANewMemberNeeds() {
        Map<String, NavigableSet<PartitionId>> before =
                uniform.assign(List.of(member("a", Set.of(), T), member("b", Set.of(), T)), counts(7, 0));
        Map<String, NavigableSet<PartitionId>> after = uniform.assign(
                List.of(member("a", before.get("a"), T), member("b", before.get("b"), T), member("c", Set.of(), T)),
                counts(7, 0));
        assertThat(before.get("a")).containsAll(after.get("a"));
        assertThat(before.get("b")).containsAll(after.get("b"));
        assertThat(after.get("c")).hasSize(2);
    }

    @Test
    void keepsEverythingOfThoseWhoStayWhenAMemberLeaves() {
        Map<String, NavigableSet<PartitionId>> before = uniform.assign(
                List.of(member("a", Set.of(), T), member("b", Set.of(), T), member("c", Set.of(), T)), counts(8, 0));
        Map<String, NavigableSet<PartitionId>> after =
                uniform.assign(List.of(member("b", before.get("b"), T), member("c", before.get("c"), T)), counts(8, 0));
        assertThat(after.get("b")).hasSize(4).containsAll(before.get("b"));
        assertThat(after.get("c")).hasSize(4).containsAll(before.get("c"));
    }

    @Test
    void leavesTheLongerSharesWhereTheyAre() {
        Map<String, NavigableSet<PartitionId>> before =
                uniform.assign(List.of(member("b", Set.of(), T), member("c", Set.of(), T)), counts(5, 0));
        List<Assignor.Candidate> swapped = List.of(member("b", before.get("c"), T), member("c", before.get("b"), T));
        assertThat(uniform.assign(swapped, counts(5, 0))).isEqualTo(Map.of("b", before.get("c"), "c", before.get("b")));
    }

    /** Nobody hears of a change before its next heartbeat, so it goes to those who have theirs soonest. */
    @Test
    void takesFromAndGivesToThoseWhoReportSoonest() {
        Map<String, NavigableSet<PartitionId>> before = uniform.assign(
                List.of(member("a", Set.of(), T), member("b", Set.of(), T), member("c", Set.of(), T)), counts(6, 0));
        Map<String, NavigableSet<PartitionId>> joined = uniform.assign(
                List.of(
                        reporting(member("a", before.get("a"), T), 300),
                        reporting(member("b", before.get("b"), T), 100),
                        reporting(member("c", before.get("c"), T), 200),
                        reporting(member("d", Set.of(), T), 0)),
                counts(6, 0));
        assertThat(joined).containsEntry("a", before.get("a")).containsEntry("c", before.get("c"));
        assertThat(joined.get("b")).hasSize(1);
        assertThat(joined.get("d")).hasSize(1);

        Map<String, NavigableSet<PartitionId>> left = uniform.assign(
                List.of(
                        reporting(member("a", before.get("a"), T), 300),
                        reporting(member("b", before.get("b"), T), 100)),
                counts(5, 0));
        assertThat(left.get("b")).as("takes the odd one").hasSize(3);
        assertThat(left.get("a")).hasSize(2);
    }

    private static Assignor.Candidate reporting(Assignor.Candidate member, long nextReportMs) {
        return new Assignor.Candidate(
                member.memberId(), member.instanceId(), member.topics(), member.current(), nextReportMs);
    }

    @Test
    void evensOutMembersWithDifferentSubscriptions() {
        Map<String, NavigableSet<PartitionId>> assignment =
                uniform.assign(List.of(member("a", Set.of(), T, U), member("b", Set.of(), U)), counts(3, 3));
        assertThat(assignment.get("a"))
                .hasSize(3)
                .allMatch(partition -> partition.topicId().equals(T));
        assertThat(assignment.get("b")).hasSize(3);
    }

    @Test
    void givesTheSameNumbersOfLikeTopicsToOneMember() {
        Map<String, NavigableSet<PartitionId>> assignment = range.assign(
                List.of(member("a", Set.of(), T, U), member("b", Set.of(), T, U), member("c", Set.of(), T, U)),
                counts(7, 7));
        assignment.values().forEach(mine -> assertThat(numbers(mine, T)).isEqualTo(numbers(mine, U)));
        assertThat(numbers(assignment.get("a"), T)).containsExactly(0, 1, 2);
        assertThat(numbers(assignment.get("b"), T)).containsExactly(3, 4);
        assertThat(numbers(assignment.get("c"), T)).containsExactly(5, 6);
    }

    private static List<Integer> numbers(NavigableSet<PartitionId> partitions, Uuid topic) {
        return partitions.stream()
                .filter(partition -> partition.topicId().equals(topic))
                .map(PartitionId::partition)
                .toList();
    }

    @Test
    void assignsEachPartitionOnceToASubscriberWhateverTheGroup() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int run = 0; run < 300; run++) {
            NavigableMap<Uuid, Integer> counts = new TreeMap<>();
            for (int topic = 1; topic <= random.nextInt(4); topic++) {
                counts.put(new Uuid(0, topic), random.nextInt(9));
            }
            boolean alike = random.nextBoolean();
            Map<String, NavigableSet<PartitionId>> current = new TreeMap<>();
            for (int step = 0; step < 4; step++) {
                List<Assignor.Candidate> members = members(random, counts, alike, current);
                for (Assignor assignor : List.of(range, uniform)) {
                    Map<String, NavigableSet<PartitionId>> next = assignor.assign(members, counts);
                    String about = assignor.name() + " seed " + seed + " run " + run;
                    checkComplete(about, members, counts, next);
                    assertThat(assignor.assign(members, counts)).as(about).isEqualTo(next);
                    if (assignor == uniform) {
                        checkEven(about, members, next);
                        current = next;
                    }
                }
            }
        }
    }

    private static List<Assignor.Candidate> members(
            Random random,
            NavigableMap<Uuid, Integer> counts,
            boolean alike,
            Map<String, NavigableSet<PartitionId>> current) {
        List<Assignor.Candidate> members = new ArrayList<>();
        for (String id : List.of("a", "b", "c", "d", "e")) {
            if (random.nextInt(3) > 0) {
                NavigableSet<Uuid> topics = new TreeSet<>(counts.keySet());
                topics.removeIf(topic -> !alike && random.nextBoolean());
                members.add(new Assignor.Candidate(
                        id, null, topics, new TreeSet<>(current.getOrDefault(id, new TreeSet<>())), random.nextLong()));
            }
        }
        return members;
    }

    private static void checkComplete(
            String about,
            List<Assignor.Candidate> members,
            NavigableMap<Uuid, Integer> counts,
            Map<String, NavigableSet<PartitionId>> assignment) {
        Set<PartitionId> expected = new HashSet<>();
        counts.forEach((topic, count) -> {
            if (members.stream().anyMatch(member -> member.topics().contains(topic))) {
                for (int number = 0; number < count; number++) {
                    expected.add(new PartitionId(topic, number));
                }
            }
        });
        List<PartitionId> assigned = new ArrayList<>();
        members.forEach(member -> {
            NavigableSet<PartitionId> mine = assignment.get(member.memberId());
            assertThat(mine).as(about).allMatch(partition -> member.topics().contains(partition.topicId()));
            assigned.addAll(mine);
        });
        assertThat(assigned).as(about).containsExactlyInAnyOrderElementsOf(expected);
    }

    /** No single move between two members would make their loads more alike. */
    private static void checkEven(
            String about, List<Assignor.Candidate> members, Map<String, NavigableSet<PartitionId>> assignment) {
        for (Assignor.Candidate giver : members) {
            for (Assignor.Candidate taker : members) {
                NavigableSet<PartitionId> gives = assignment.get(giver.memberId());
                boolean could =
                        gives.stream().anyMatch(partition -> taker.topics().contains(partition.topicId()));
                if (could) {
                    assertThat(gives.size() - assignment.get(taker.memberId()).size())
                            .as(about)
                            .isLessThan(2);
                }
            }
        }
    }
}
