// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class TimersTest {

    private record Named(int name) implements TimerKey {}

    private final Timers timers = new Timers();

    @Test
    void firesInTheOrderOfDeadlinesAndOnce() {
        timers.set(new Named(1), 20);
        timers.set(new Named(2), 10);
        assertThat(timers.pollDue(9)).isNull();
        assertThat(timers.pollDue(30)).isEqualTo(new Named(2));
        assertThat(timers.pollDue(30)).isEqualTo(new Named(1));
        assertThat(timers.pollDue(30)).isNull();
    }

    @Test
    void movesATimerBothWays() {
        timers.set(new Named(1), 10);
        timers.set(new Named(1), 100);
        assertThat(timers.pollDue(50)).isNull();
        timers.set(new Named(1), 60);
        assertThat(timers.pollDue(60)).isEqualTo(new Named(1));
        assertThat(timers.pollDue(1_000)).isNull();
    }

    @Test
    void agreesWithASimpleModel() {
        long seed = 7;
        Random random = new Random(seed);
        Map<TimerKey, Long> model = new HashMap<>();
        long nowMs = 0;
        for (int step = 0; step < 20_000; step++) {
            Named key = new Named(random.nextInt(50));
            switch (random.nextInt(4)) {
                case 0 -> {
                    timers.cancel(key);
                    model.remove(key);
                }
                case 1 -> {
                    nowMs += random.nextInt(20);
                    for (TimerKey due = timers.pollDue(nowMs); due != null; due = timers.pollDue(nowMs)) {
                        assertThat(model.remove(due))
                                .as("seed %s step %s", seed, step)
                                .isLessThanOrEqualTo(nowMs);
                    }
                    long reached = nowMs;
                    assertThat(model.values()).as("seed %s step %s", seed, step).allMatch(at -> at > reached);
                }
                default -> {
                    long atMs = nowMs + random.nextInt(200);
                    timers.set(key, atMs);
                    model.put(key, atMs);
                }
            }
        }
        assertThat(timers.size()).isEqualTo(model.size());
    }
}
