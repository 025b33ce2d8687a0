// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.classic;

import static io.tailrace.cluster.group.classic.Members.bytes;
import static io.tailrace.cluster.group.classic.Members.join;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.group.AdminRequest;
import io.tailrace.cluster.group.Group;
import io.tailrace.cluster.group.GroupHarness;
import io.tailrace.cluster.group.GroupRequest;
import io.tailrace.cluster.group.GroupRules;
import io.tailrace.cluster.group.OffsetRequest;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever happens to a partition, refused and lost appends included, its replicated state is what its log says. */
final class GroupReplayTest {

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void replayEqualsLiveState(long seed) {
        Random random = new Random(seed);
        GroupHarness harness = new GroupHarness(GroupRules.DEFAULT.withInitialRebalanceDelayMs(100));
        for (int step = 0; step < 400; step++) {
            harness.holdWrites(random.nextInt(3) == 0);
            for (int burst = random.nextInt(4); burst >= 0; burst--) {
                harness.send(request(random));
            }
            while (harness.heldWrites() > 0) {
                switch (random.nextInt(6)) {
                    case 0 -> harness.failNext(Errors.NOT_ENOUGH_REPLICAS, false);
                    case 1 -> harness.failNext(Errors.REQUEST_TIMED_OUT, true);
                    case 2 -> harness.failNext(Errors.REQUEST_TIMED_OUT, false);
                    default -> harness.commitNext();
                }
            }
            harness.holdWrites(false);
            harness.advance(random.nextInt(20) == 0 ? 24 * 60 * 60 * 1000L : random.nextInt(3_000));
            assertThat(replicated(harness.successor()))
                    .as("seed %s, step %s", seed, step)
                    .isEqualTo(replicated(harness));
        }
        assertThat(harness.written()).hasSizeGreaterThan(200);
        assertThat(harness.loads()).isGreaterThan(1);
    }

    /** What must survive: offsets, and the groups that the log knows. */
    private static String replicated(GroupHarness harness) {
        String groups = harness.machine().groups().sorted().stream()
                .filter(group -> group instanceof ClassicGroup classic
                        && classic.snapshot().isPresent())
                .map(Group::toString)
                .collect(Collectors.joining("\n"));
        return groups + "\n" + harness.machine().offsets();
    }

    private static GroupRequest request(Random random) {
        String group = "g" + random.nextInt(3);
        String member = "c-" + random.nextInt(3);
        int generation = 1 + random.nextInt(4);
        ClassicRequest.Join join = join("", null, "" + random.nextInt(3), List.of("range"));
        return switch (random.nextInt(9)) {
            case 0, 1 ->
                new ClassicRequest.Join(
                        group,
                        random.nextBoolean() ? "" : member,
                        random.nextInt(4) == 0 ? "i" : null,
                        "" + random.nextInt(3),
                        join.client(),
                        "consumer",
                        join.protocols(),
                        6_000,
                        1_000,
                        false,
                        true);
            case 2, 3 ->
                new ClassicRequest.Sync(
                        group, member, null, generation, null, null, Map.of(member, bytes("" + generation)));
            case 4 -> new ClassicRequest.Leave(group, List.of(new ClassicRequest.Leaver(member, null)));
            case 5 -> commit(group, "", -1, random, -1);
            case 6 -> commit(group, "", -1, random, random.nextInt(3));
            case 7 ->
                random.nextInt(4) == 0
                        ? new AdminRequest.Delete(group)
                        : new OffsetRequest.Delete(group, List.of(new TopicPartition("t", random.nextInt(2))));
            default -> new OffsetRequest.EndTransaction(random.nextInt(3), (short) 0, 1, random.nextBoolean());
        };
    }

    private static OffsetRequest.Commit commit(
            String group, String member, int generation, Random random, long producerId) {
        return new OffsetRequest.Commit(
                group,
                member,
                null,
                generation,
                (short) 8,
                -1,
                producerId,
                (short) 0,
                List.of(new OffsetRequest.Offset(
                        new TopicPartition("t", random.nextInt(2)), Uuid.ZERO_UUID, random.nextInt(100), -1, "")));
    }
}
