// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.epoch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LeaderEpochsTest {

    @Test
    void assignsAnEpochOnceAndWithoutData() {
        var epochs = new LeaderEpochs();

        assertThat(epochs.assign(0, 0)).as("KAFKA-10432: epoch 0 counts").isTrue();
        assertThat(epochs.assign(0, 5)).isFalse();
        assertThat(epochs.assign(2, 5)).isTrue();
        assertThat(epochs.assign(3, 5)).as("epoch 2 wrote nothing").isTrue();

        assertThat(epochs.entries()).containsExactly(new EpochStart(0, 0), new EpochStart(3, 5));
    }

    @Test
    void recordsOfAnOlderEpochDisproveLaterOnes() {
        var epochs = of(0, 0, 3, 10, 5, 20);

        assertThat(epochs.assign(3, 20)).isTrue();
        assertThat(epochs.entries()).containsExactly(new EpochStart(0, 0), new EpochStart(3, 10));

        assertThat(epochs.assign(4, 6)).isTrue();
        assertThat(epochs.entries()).containsExactly(new EpochStart(0, 0), new EpochStart(4, 6));
    }

    @Test
    void answersTheLargestEpochNotAboveTheOneAskedFor() {
        var epochs = of(1, 10, 3, 20, 6, 30);

        assertThat(epochs.endOffsetFor(6, 42))
                .as("the latest ends at the log's end")
                .isEqualTo(new EpochEnd(6, 42));
        assertThat(epochs.endOffsetFor(3, 42)).isEqualTo(new EpochEnd(3, 30));
        assertThat(epochs.endOffsetFor(5, 42)).as("KIP-279: unknown, between").isEqualTo(new EpochEnd(3, 30));
        assertThat(epochs.endOffsetFor(0, 42)).as("before all").isEqualTo(new EpochEnd(0, 10));
        assertThat(epochs.endOffsetFor(7, 42)).as("KIP-320: not known yet").isEqualTo(EpochEnd.UNDEFINED);
        assertThat(epochs.endOffsetFor(-1, 42)).isEqualTo(EpochEnd.UNDEFINED);
        assertThat(new LeaderEpochs().endOffsetFor(0, 42)).isEqualTo(EpochEnd.UNDEFINED);
    }

    @Test
    void findsTheEpochOfAnOffset() {
        var epochs = of(1, 10, 3, 20);

        assertThat(List.of(epochs.epochAt(9), epochs.epochAt(10), epochs.epochAt(19), epochs.epochAt(99)))
                .containsExactly(-1, 1, 1, 3);
        assertThat(epochs.previousEpoch(3)).isEqualTo(1);
        assertThat(epochs.previousEpoch(1)).isEqualTo(-1);
    }

    @Test
    void truncationAtTheEndForgetsEpochsWithoutData() {
        var epochs = of(1, 10, 3, 20);

        assertThat(epochs.truncateFromEnd(21)).isFalse();
        assertThat(epochs.truncateFromEnd(20))
                .as("KAFKA-10706: even if the log ended there")
                .isTrue();
        assertThat(epochs.latestEpoch()).isEqualTo(1);
        assertThat(epochs.truncateFromEnd(0)).isTrue();
        assertThat(epochs.isEmpty()).isTrue();
    }

    @Test
    void truncationAtTheStartKeepsTheEpochThatSpansIt() {
        var epochs = of(1, 10, 3, 20, 6, 30);

        assertThat(epochs.truncateFromStart(10)).isFalse();
        assertThat(epochs.truncateFromStart(25)).isTrue();
        assertThat(epochs.entries()).containsExactly(new EpochStart(3, 25), new EpochStart(6, 30));
        assertThat(epochs.truncateFromStart(30)).isTrue();
        assertThat(epochs.entries()).containsExactly(new EpochStart(6, 30));
        assertThat(epochs.truncateFromStart(99)).isTrue();
        assertThat(epochs.entries()).containsExactly(new EpochStart(6, 99));
    }

    @Test
    void writesKafkasCheckpoint() throws MalformedCheckpointException {
        byte[] text = of(0, 0, 3, 1742).checkpoint();

        assertThat(new String(text, UTF_8)).isEqualTo("0\n2\n0 0\n3 1742\n");
        assertThat(LeaderEpochs.fromCheckpoint(text).entries())
                .containsExactly(new EpochStart(0, 0), new EpochStart(3, 1742));
    }

    @Test
    void refusesATornCheckpoint() {
        for (String text :
                List.of("", "0\n", "1\n0\n", "0\n2\n0 0\n", "0\n1\n0 x\n", "0\n1\n0\n", "0\n1\n-1 3\n", "0\nx\n")) {
            assertThatThrownBy(() -> LeaderEpochs.fromCheckpoint(text.getBytes(UTF_8)))
                    .as("'%s'", text)
                    .isInstanceOf(MalformedCheckpointException.class);
        }
    }

    @Test
    void historyAgreesWithALogOfEpochs() {
        long seed = 7;
        for (int round = 0; round < 300; round++) {
            var random = new Random(seed + round);
            var log = new TreeMap<Long, Integer>(); // offset -> epoch of its record
            var epochs = new LeaderEpochs();
            long end = 0;
            long start = 0;
            int epoch = 0;
            for (int i = 0; i < 60; i++) {
                switch (random.nextInt(6)) {
                    case 0 -> {
                        epoch += 1 + random.nextInt(2);
                        epochs.assign(epoch, end);
                    }
                    case 1 -> {
                        end = start + (end > start ? random.nextLong(end - start + 1) : 0);
                        log.tailMap(end, true).clear();
                        epochs.truncateFromEnd(end);
                        epoch++; // a truncated log gets its next records from a later leader
                    }
                    case 2 -> {
                        start += end > start ? random.nextLong(end - start) : 0;
                        log.headMap(start, false).clear();
                        epochs.truncateFromStart(start);
                    }
                    default -> {
                        epochs.assign(epoch, end);
                        log.put(end++, epoch);
                    }
                }
                for (var record : log.entrySet()) {
                    assertThat(epochs.epochAt(record.getKey()))
                            .as("seed %d, offset %d in %s", seed + round, record.getKey(), epochs)
                            .isEqualTo(record.getValue());
                }
            }
        }
    }

    private static LeaderEpochs of(long... pairs) {
        var epochs = new LeaderEpochs();
        for (int i = 0; i < pairs.length; i += 2) {
            epochs.assign((int) pairs[i], pairs[i + 1]);
        }
        return epochs;
    }
}
