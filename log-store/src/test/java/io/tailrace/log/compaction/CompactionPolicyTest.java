// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.compaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.log.LogConfig;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CompactionPolicyTest {

    private static final long NOW = 10_000;

    @Test
    void countsTheDirtyShareFromTheLastPassOn() {
        CompactionPlan plan = CompactionPolicy.plan(log(10, 100, 100), NOW);

        assertThat(plan.firstDirtyOffset()).isEqualTo(10);
        assertThat(plan.endOffset()).isEqualTo(30);
        assertThat(plan.dirtyRatio()).isEqualTo(2 / 3.0);
        assertThat(plan.isDue()).isTrue();
    }

    @Test
    void stopsAtTheLastWholeSegmentBelowTheStableOffset() {
        assertThat(CompactionPolicy.plan(log(0, 29, 100), NOW).endOffset()).isEqualTo(20);
        assertThat(CompactionPolicy.plan(log(0, 5, 100), NOW).isDue()).isFalse();
    }

    @Test
    void leavesYoungRecordsAlone() {
        var log = log(0, 100, 100, "min.compaction.lag.ms", "1500");

        assertThat(CompactionPolicy.plan(log, NOW).endOffset())
                .as("the third is 1 s old")
                .isEqualTo(20);
    }

    @Test
    void anOverdueLogIsDueHoweverCleanItIs() {
        assertThat(CompactionPolicy.plan(log(20, 100, 1), NOW).isDue()).isFalse();
        assertThat(CompactionPolicy.plan(log(20, 100, 1, "max.compaction.lag.ms", "1999"), NOW)
                        .isDue())
                .isTrue();
        assertThat(CompactionPolicy.plan(log(20, 100, 1, "max.compaction.lag.ms", "2000"), NOW)
                        .isDue())
                .isFalse();
    }

    @Test
    void beginsAnewWhenTheLogWasTruncatedBelowTheCleanPoint() {
        assertThat(CompactionPolicy.plan(log(99, 100, 100), NOW).firstDirtyOffset())
                .isZero();
    }

    @Test
    void picksTheDirtiest() {
        var dirtier = CompactionPolicy.plan(log(10, 100, 100), NOW);
        var cleaner = CompactionPolicy.plan(log(20, 100, 300), NOW);

        assertThat(CompactionPolicy.dirtiest(List.of(cleaner, dirtier))).contains(dirtier);
        assertThat(CompactionPolicy.dirtiest(List.of(CompactionPolicy.plan(log(30, 100, 100), NOW))))
                .isEmpty();
    }

    /** Segments [0, 10), [10, 20), [20, 30); the first two of 100 bytes. */
    private static CleanableLog log(long firstDirty, long stable, long lastBytes, String... settings) {
        Map<String, String> map = new HashMap<>(Map.of("cleanup.policy", "compact"));
        for (int i = 0; i < settings.length; i += 2) {
            map.put(settings[i], settings[i + 1]);
        }
        var segments = List.of(
                new SealedSegment(0, 10, 100, 6_000, 7_000),
                new SealedSegment(10, 20, 100, 7_000, 8_000),
                new SealedSegment(20, 30, lastBytes, 8_000, 9_000));
        return new CleanableLog(
                Path.of("a"),
                LogConfig.from(map),
                segments,
                new CleanableLog.Bounds(0, firstDirty, 30, stable),
                List.of(),
                Map.of());
    }
}
