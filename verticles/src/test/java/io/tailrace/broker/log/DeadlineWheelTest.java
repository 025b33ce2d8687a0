// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DeadlineWheelTest {

    private final List<String> expired = new ArrayList<>();
    private final DeadlineWheel wheel = new DeadlineWheel(1_000);

    @Test
    void hasNothingToWaitForWhenEmpty() {
        assertThat(wheel.nextMs()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void expiresNeverEarlyAndAtMostATickLate() {
        wheel.add(new Named("a"), 1_105);

        wheel.advance(1_104);
        assertThat(expired).isEmpty();
        wheel.advance(1_105 + DeadlineWheel.TICK_MS);
        assertThat(expired).containsExactly("a");
        assertThat(wheel.nextMs()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void expiresWhatIsOverAlreadyWithTheNextTick() {
        wheel.add(new Named("late"), 500);

        assertThat(wheel.nextMs()).isLessThanOrEqualTo(1_000 + 2 * DeadlineWheel.TICK_MS);
        wheel.advance(wheel.nextMs());
        assertThat(expired).containsExactly("late");
    }

    @Test
    void forgetsWhatIsCancelled() {
        Named cancelled = new Named("a");
        wheel.add(cancelled, 1_100);
        wheel.add(new Named("b"), 1_100);
        wheel.cancel(cancelled);
        wheel.cancel(cancelled);

        wheel.advance(5_000);

        assertThat(expired).containsExactly("b");
    }

    @Test
    void doesNotExpireWhatAnotherOfTheSameTickCancels() {
        Named victim = new Named("victim");
        wheel.add(victim, 1_100);
        wheel.add(
                new Named("killer") {
                    @Override
                    void expire(long nowMs) {
                        super.expire(nowMs);
                        wheel.cancel(victim);
                    }
                },
                1_100);

        wheel.advance(2_000);

        assertThat(expired).containsExactly("killer");
    }

    @Test
    void keepsADeadlineBeyondOneTurnOfTheWheel() {
        wheel.add(new Named("far"), 1_000 + 60_000);

        for (long now = 1_000; now < 61_000; now = Math.max(now + 1, Math.min(wheel.nextMs(), 61_000))) {
            wheel.advance(now);
            assertThat(expired).isEmpty();
        }
        wheel.advance(61_000 + DeadlineWheel.TICK_MS);
        assertThat(expired).containsExactly("far");
    }

    @Test
    void expiresEachOfManyOnceAndInTime() {
        long seed = 20261121L;
        Random random = new Random(seed);
        int[] fired = new int[500];
        long[] due = new long[fired.length];
        for (int i = 0; i < due.length; i++) {
            int index = i;
            due[i] = 1_000 + random.nextInt(30_000);
            wheel.add(
                    new DeadlineWheel.Deadline() {
                        @Override
                        void expire(long nowMs) {
                            fired[index]++;
                            assertThat(nowMs)
                                    .as("seed %s", seed)
                                    .isBetween(due[index], due[index] + 2 * DeadlineWheel.TICK_MS);
                        }
                    },
                    due[i]);
        }
        while (wheel.nextMs() != Long.MAX_VALUE) {
            wheel.advance(wheel.nextMs());
        }
        assertThat(fired).as("seed %s", seed).containsOnly(1);
    }

    private class Named extends DeadlineWheel.Deadline {
        private final String name;

        Named(String name) {
            this.name = name;
        }

        @Override
        void expire(long nowMs) {
            expired.add(name);
        }
    }
}
