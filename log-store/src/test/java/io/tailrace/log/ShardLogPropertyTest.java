// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A shard against a plain model on a disk that crashes, tears, fails and fills up. Each seed is a run of some hundred steps;
 * a failure names its seed, and {@code -Dtailrace.seed=N} runs that one alone.
 */
class ShardLogPropertyTest {

    private static final int STEPS = 250;
    private static final int SEEDS = Integer.getInteger("tailrace.seeds", 120);

    static LongStream seeds() {
        Long only = Long.getLong("tailrace.seed");
        return only != null ? LongStream.of(only) : LongStream.range(0, SEEDS);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void holdsWhatItPromisedAndNothingElse(long seed) {
        ShardSimulation simulation = new ShardSimulation(seed);
        for (int step = 0; step < STEPS; step++) {
            simulation.step();
        }
        simulation.finish();
    }

    @Test
    void sameSeedGivesTheSameRun() {
        assertThat(trace(42)).isEqualTo(trace(42));
    }

    private static String trace(long seed) {
        ShardSimulation simulation = new ShardSimulation(seed);
        for (int step = 0; step < 100; step++) {
            simulation.step();
        }
        return simulation.trace();
    }
}
