// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import static io.tailrace.cluster.group.consumer.ProtocolMember.GROUP;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Up to five members do whatever members do, in any order, with lost answers, slow revocation, crashes and topics that come and go. At every
 * moment no partition is read by two of them and the log, compacted or not, says what the machine knows; when they have calmed down, everything is read.
 */
class ConvergenceTest {

    private static final int RUNS = 150;
    private static final int STEPS = 40;

    private static final class World {
        final Random random;
        final GroupBench bench = new GroupBench();
        final Map<Integer, ProtocolMember> members = new HashMap<>();
        final Map<ProtocolMember, Long> lastBeatMs = new HashMap<>();
        int born;

        World(long seed) {
            random = new Random(seed);
            bench.topic("t0", 3);
        }

        void step() {
            int slot = random.nextInt(5);
            ProtocolMember member = members.get(slot);
            switch (random.nextInt(12)) {
                case 0, 1 -> {
                    if (member == null) {
                        members.put(slot, join());
                    }
                }
                case 2 -> {
                    if (member != null) {
                        if (bench.findGroup(GROUP).isPresent()) {
                            member.leave();
                        }
                        members.remove(slot);
                    }
                }
                case 3 -> changeTopics();
                case 4 -> {
                    if (member != null) {
                        subscribe(member);
                    }
                }
                case 5 -> bench.advance(random.nextInt(20_000));
                case 6 -> {
                    if (member != null) {
                        alive(member);
                        member.beatInTheDark();
                    }
                }
                case 7, 8 -> {
                    if (member != null) {
                        alive(member);
                        member.beat();
                    }
                }
                default -> {
                    if (member != null) {
                        alive(member);
                        member.beatAndReconcile();
                    }
                }
            }
            // A client knows how long it has not reached its coordinator, and stops before its session ends.
            members.values().forEach(each -> {
                if (bench.nowMs() - lastBeatMs.getOrDefault(each, 0L) >= 45_000 || !known(each)) {
                    each.abandon();
                }
            });
        }

        private boolean known(ProtocolMember member) {
            return bench.findGroup(GROUP)
                    .map(group -> group.member(member.memberId()) != null)
                    .orElse(false);
        }

        private void alive(ProtocolMember member) {
            lastBeatMs.put(member, bench.nowMs());
        }

        private ProtocolMember join() {
            ProtocolMember member = new ProtocolMember(bench, "m" + born++, "t0");
            if (random.nextInt(3) == 0) {
                subscribe(member);
            }
            alive(member);
            member.beat();
            return member;
        }

        private void subscribe(ProtocolMember member) {
            List<String> topics = new ArrayList<>();
            for (int topic = 0; topic < 3; topic++) {
                if (random.nextBoolean()) {
                    topics.add("t" + topic);
                }
            }
            member.subscribe(topics, random.nextInt(3) == 0 ? "t[12]" : null);
        }

        private void changeTopics() {
            String topic = "t" + random.nextInt(3);
            boolean exists = bench.topics().containsKey(topic);
            if (exists && random.nextInt(3) == 0) {
                bench.deleteTopic(topic);
            } else {
                int more = exists ? bench.topics().get(topic).partitions().size() : 0;
                bench.topic(topic, more + random.nextInt(4));
            }
        }

        void calmDown() {
            for (int round = 0; round < 14; round++) {
                bench.advance(5_000);
                members.values().forEach(ProtocolMember::beatAndReconcile);
            }
        }

        void checkExclusive(String about) {
            Set<PartitionId> read = new HashSet<>();
            members.values().forEach(member -> member.owned().forEach(partition -> assertThat(read.add(partition))
                    .as("%s: %s is read twice", about, partition)
                    .isTrue()));
        }

        void checkComplete(String about) {
            Set<PartitionId> wanted = new HashSet<>();
            Set<PartitionId> read = new HashSet<>();
            for (ProtocolMember member : members.values()) {
                Set<PartitionId> mine = partitionsOf(member);
                wanted.addAll(mine);
                read.addAll(member.owned());
                assertThat(mine).as(about).containsAll(member.owned());
                assertThat(member.holding().settledIn(bench.group(GROUP).targetEpoch()))
                        .as(about)
                        .isTrue();
            }
            assertThat(read).as(about).isEqualTo(wanted);
            for (ProtocolMember giver : members.values()) {
                for (ProtocolMember taker : members.values()) {
                    if (giver.owned().stream().anyMatch(partitionsOf(taker)::contains)) {
                        assertThat(giver.owned().size() - taker.owned().size())
                                .as(about + " is even")
                                .isLessThan(2);
                    }
                }
            }
        }

        private Set<PartitionId> partitionsOf(ProtocolMember member) {
            Set<PartitionId> partitions = new HashSet<>();
            bench.topics().forEach((name, topic) -> {
                String regex = member.regex();
                if (member.topics().contains(name) || (regex != null && Pattern.matches(regex, name))) {
                    topic.partitions().forEach(partition -> partitions.add(bench.partition(name, partition.index())));
                }
            });
            return partitions;
        }
    }

    @Test
    void convergesToACompleteExclusiveEvenAssignmentFromAnywhere() {
        long base = Long.getLong("seed", System.nanoTime());
        for (int run = 0; run < RUNS; run++) {
            long seed = base + run;
            World world = new World(seed);
            for (int step = 0; step < STEPS; step++) {
                world.step();
                String about = "-Dseed=" + seed + " step " + step;
                world.checkExclusive(about);
                assertThat(world.bench.replayed()).as(about).isEqualTo(world.bench.replicated());
                assertThat(world.bench.replayedCompacted()).as(about).isEqualTo(world.bench.replicated());
            }
            world.calmDown();
            String about = "-Dseed=" + seed + " at the end";
            world.checkExclusive(about);
            world.checkComplete(about);
            Map<ProtocolMember, Set<PartitionId>> settled = new HashMap<>();
            world.members.values().forEach(member -> settled.put(member, Set.copyOf(member.owned())));
            int size = world.bench.written().size();
            world.members.values().forEach(ProtocolMember::beatAndReconcile);
            assertThat(world.bench.written().size())
                    .as(about + " nothing moves")
                    .isEqualTo(size);
            settled.forEach(
                    (member, owned) -> assertThat(member.owned()).as(about).isEqualTo(owned));
        }
    }
}
