// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import static io.tailrace.cluster.group.consumer.ProtocolMember.GROUP;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.group.Group;
import io.tailrace.cluster.group.classic.ClassicRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/**
 * Up to five members of either protocol come, work, leave and die in any order, so that the group changes its kind again and again. At every
 * moment no partition is read by two of them, and the log says what the machine knows; when they have calmed down, everything is read.
 */
class MigrationConvergenceTest {

    private static final int RUNS = 200;
    private static final int STEPS = 60;
    /** Each has found a partition with two readers once. */
    private static final LongStream FOUND = LongStream.of(265, 3457);

    private static final int SLOTS = 5;

    /** One of the two. */
    private static final class Reader {
        final ClassicConsumer classic;
        final ProtocolMember modern;
        long lastHeardMs;

        Reader(GroupBench bench, boolean isClassic, String name) {
            classic = new ClassicConsumer(bench, name, null, "t");
            modern = isClassic ? null : new ProtocolMember(bench, name, "t");
            lastHeardMs = bench.nowMs();
        }

        boolean isClassic() {
            return modern == null;
        }

        Set<PartitionId> owned() {
            return isClassic() ? classic.owned() : modern.owned();
        }

        String memberId() {
            return isClassic() ? classic.memberId() : modern.memberId();
        }
    }

    private static final class World {
        final Random random;
        final GroupBench bench = new GroupBench();
        final Reader[] slots = new Reader[SLOTS];
        final Set<GroupType> kinds = new HashSet<>();
        int conversions;
        int born;

        World(long seed) {
            random = new Random(seed);
            bench.topic("t", 7);
        }

        void step() {
            int slot = random.nextInt(SLOTS);
            Reader reader = slots[slot];
            GroupType before = type();
            int dice = random.nextInt(14);
            if (reader == null) {
                if (dice < 5) {
                    slots[slot] = new Reader(bench, random.nextBoolean(), "m" + born++);
                    act(slots[slot]);
                }
            } else if (dice == 0) {
                leave(reader);
                slots[slot] = null;
            } else if (dice == 1) {
                // Dies without a word.
                slots[slot] = null;
            } else if (dice < 4) {
                pass(random.nextInt(9_000));
            } else {
                act(reader);
            }
            if (before != type() && before != GroupType.UNKNOWN) {
                conversions++;
            }
            stopReadingWhoIsOut();
        }

        GroupType type() {
            Group group = bench.machine().groups().get(GROUP);
            return group == null ? GroupType.UNKNOWN : group.type();
        }

        private void leave(Reader reader) {
            if (reader.isClassic()) {
                reader.classic.leave();
            } else if (type() == GroupType.CONSUMER) {
                reader.modern.leave();
            }
        }

        private void act(Reader reader) {
            reader.lastHeardMs = bench.nowMs();
            if (reader.isClassic()) {
                reader.classic.poll();
                return;
            }
            Errors told = reader.modern.beat().error();
            if (told == Errors.GROUP_ID_NOT_FOUND) {
                reader.modern.abandon();
            } else {
                assertThat(told)
                        .isIn(
                                Errors.NONE,
                                Errors.UNKNOWN_MEMBER_ID,
                                Errors.FENCED_MEMBER_EPOCH,
                                Errors.COORDINATOR_LOAD_IN_PROGRESS);
                if (random.nextInt(3) > 0) {
                    reader.modern.reconcile();
                }
            }
        }

        /** In small steps, at each of which whoever was thrown out stops. */
        private void pass(long ms) {
            for (long left = ms; left > 0; left -= 500) {
                bench.advance(Math.min(left, 500));
                stopReadingWhoIsOut();
            }
        }

        /** A client knows how long it has not reached its coordinator, and stops before its session ends. */
        private void stopReadingWhoIsOut() {
            Set<String> known = members();
            for (Reader reader : slots) {
                if (reader == null) {
                    continue;
                }
                long silentMs = bench.nowMs() - reader.lastHeardMs;
                boolean out = !known.contains(reader.memberId());
                if (reader.isClassic()) {
                    if (out && !reader.owned().isEmpty()
                            || silentMs >= ClassicConsumer.SESSION_MS && !reader.classic.waits()) {
                        reader.classic.abandon();
                    }
                } else if (out || silentMs >= 45_000) {
                    reader.modern.abandon();
                }
            }
        }

        private Set<String> members() {
            return switch (type()) {
                case CONSUMER ->
                    bench.group(GROUP).members().stream()
                            .map(ConsumerMember::memberId)
                            .collect(Collectors.toSet());
                case CLASSIC ->
                    bench.ask(new ClassicRequest.Describe(GROUP), ClassicRequest.Described.class).members().stream()
                            .map(ClassicRequest.DescribedMember::memberId)
                            .collect(Collectors.toSet());
                default -> Set.of();
            };
        }

        void calmDown() {
            for (int round = 0; round < 60; round++) {
                pass(2_500);
                for (int turn = 0; turn < 4; turn++) {
                    for (Reader reader : slots) {
                        if (reader != null) {
                            reader.lastHeardMs = bench.nowMs();
                            if (reader.isClassic()) {
                                reader.classic.poll();
                            } else {
                                reader.modern.beatAndReconcile();
                            }
                        }
                    }
                }
            }
        }

        List<PartitionId> read() {
            List<PartitionId> read = new ArrayList<>();
            for (Reader reader : slots) {
                if (reader != null) {
                    read.addAll(reader.owned());
                }
            }
            return read;
        }

        /** A classic group of which the log knows nothing yet. */
        boolean inItsFirstRound() {
            return bench.replicated().contains("Optional.empty");
        }

        boolean hasReaders() {
            for (Reader reader : slots) {
                if (reader != null) {
                    return true;
                }
            }
            return false;
        }
    }

    @Test
    void noPartitionHasTwoReadersWhileAGroupChangesItsKind() {
        int conversions = 0;
        for (long seed : LongStream.concat(LongStream.range(0, RUNS), FOUND).toArray()) {
            World world = new World(seed);
            for (int step = 0; step < STEPS; step++) {
                world.step();
                assertThat(world.read()).as("seed %d step %d", seed, step).doesNotHaveDuplicates();
            }
            if (!world.inItsFirstRound()) {
                assertThat(world.bench.replayed()).as("seed %d", seed).isEqualTo(world.bench.replicated());
                assertThat(world.bench.replayedCompacted()).as("seed %d", seed).isEqualTo(world.bench.replicated());
            }
            world.calmDown();
            assertThat(world.read()).as("seed %d", seed).doesNotHaveDuplicates();
            assertThat(world.read()).as("seed %d", seed).hasSize(world.hasReaders() ? 7 : 0);
            conversions += world.conversions;
        }
        assertThat(conversions).as("conversions in all runs").isGreaterThan(RUNS / 2);
    }
}
