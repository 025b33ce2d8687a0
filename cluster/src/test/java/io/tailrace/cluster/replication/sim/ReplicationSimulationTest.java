// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Many clusters, each from one seed. {@code -Dtailrace.sim.seed=n} runs one, {@code -Dtailrace.sim.seeds=n} that many.
 */
class ReplicationSimulationTest {

    private static final int MANY = 10;
    private static final long FIRST_SEED = 1;
    private static final long SEEDS = Long.getLong("tailrace.sim.seeds", 2_000);

    /** A mistake has to show within so many clusters. */
    private static final long SEEDS_FOR_A_MUTANT = 1_500;

    @Test
    void losesNothingAndConverges() {
        Optional<Long> one = Optional.ofNullable(Long.getLong("tailrace.sim.seed"));
        List<String> violations = new ArrayList<>();
        for (long seed = one.orElse(FIRST_SEED); seed < one.map(it -> it + 1).orElse(FIRST_SEED + SEEDS); seed++) {
            violation(seed, Mutant.NONE).ifPresent(violations::add);
            if (violations.size() == MANY) {
                break;
            }
        }
        assertThat(violations).isEmpty();
    }

    /** Of many more that were run once, those that showed something. */
    @ParameterizedTest
    @ValueSource(longs = {2186, 3252, 3870, 5814})
    void holdsWhereItDidNotOnce(long seed) {
        assertThat(violation(seed, Mutant.NONE)).isEmpty();
    }

    @Test
    void runsTheSameWayTwice() {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + 20; seed++) {
            SimCluster first = new SimCluster(seed, Mutant.NONE).run();
            SimCluster second = new SimCluster(seed, Mutant.NONE).run();

            assertThat(second.clock().trace()).isEqualTo(first.clock().trace());
            assertThat(second.clock().events()).isEqualTo(first.clock().events());
        }
    }

    @ParameterizedTest
    @EnumSource(value = Mutant.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void noticesEachMistake(Mutant mutant) {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS_FOR_A_MUTANT; seed++) {
            if (violation(seed, mutant).isPresent()) {
                return;
            }
        }
        throw new AssertionError(mutant + " went unnoticed in " + SEEDS_FOR_A_MUTANT + " clusters");
    }

    private static Optional<String> violation(long seed, Mutant mutant) {
        try {
            new SimCluster(seed, mutant).run();
            return Optional.empty();
        } catch (Oracle.Violation found) {
            return Optional.of(found.getMessage());
        } catch (RuntimeException broken) {
            if (mutant == Mutant.NONE) {
                throw new AssertionError("seed " + seed, broken);
            }
            return Optional.of(broken.toString()); // a log that is cut in the wrong place breaks in many ways
        }
    }
}
