// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A log that is compacted while it is written, cut, shortened and restarted, on a disk that loses its power at any moment. Each seed is a
 * run; {@code -Dtailrace.seed=N} runs one alone, {@code -Dtailrace.seeds=N} runs more.
 */
class CleaningPropertyTest {

    private static final int STEPS = 600;
    private static final int SEEDS = Integer.getInteger("tailrace.seeds", 40);

    static LongStream seeds() {
        Long only = Long.getLong("tailrace.seed");
        return only != null ? LongStream.of(only) : LongStream.range(0, SEEDS);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aCompactedLogMeansTheSameWhateverHappens(long seed) {
        CleaningSimulation simulation = new CleaningSimulation(seed);
        for (int step = 0; step < STEPS; step++) {
            simulation.step();
        }
        simulation.finish();
    }

    @Test
    void theRunsDoWhatTheyAreFor() {
        int taken = 0;
        int refused = 0;
        int crashesInSwap = 0;
        int completed = 0;
        for (long seed = 0; seed < 8; seed++) {
            CleaningSimulation simulation = new CleaningSimulation(seed);
            for (int step = 0; step < STEPS; step++) {
                simulation.step();
            }
            taken += simulation.taken;
            refused += simulation.refused;
            completed += simulation.completed;
            crashesInSwap += simulation.crashesInSwap;
        }
        assertThat(taken).isGreaterThan(40);
        assertThat(refused).isGreaterThan(4);
        assertThat(completed).isGreaterThan(20);
        assertThat(crashesInSwap).isGreaterThan(4);
    }
}
