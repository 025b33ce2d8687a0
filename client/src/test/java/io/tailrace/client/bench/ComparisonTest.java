// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ComparisonTest {

    private static final Target OURS = new Target("ours", "localhost:1", List.of(), Optional.empty());
    private static final Target THEIRS = new Target("theirs", "localhost:2", List.of(), Optional.empty());

    @Test
    void letsTheTargetsTakeTurnsBothWaysRound() {
        assertThat(Comparison.turns(2, 3)).containsExactly(0, 1, 1, 0, 0, 1);
        assertThat(Comparison.turns(1, 2)).containsExactly(0, 0);
    }

    @Test
    void dividesTheMediansOfTheRuns() {
        Comparison comparison = new Comparison(List.of(OURS, THEIRS));
        for (double value : new double[] {9, 1, 2}) {
            comparison.add(0, List.of(new Measure("m", value, "s")));
        }
        for (double value : new double[] {4, 4}) {
            comparison.add(1, List.of(new Measure("m", value, "s")));
        }
        assertThat(comparison.rows().get("m").median(0)).isEqualTo(2);
        assertThat(comparison.rows().get("m").ratio()).isEqualTo(0.5);
    }

    @Test
    void printsEveryMeasureWithItsSpreadAndRatio() {
        Comparison comparison = new Comparison(List.of(OURS, THEIRS));
        comparison.add(0, List.of(new Measure("produce.1k.records_per_s", 200_000, "rec/s")));
        comparison.add(1, List.of(new Measure("produce.1k.records_per_s", 100_000, "rec/s")));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Report.table(comparison, new PrintStream(bytes, true, StandardCharsets.UTF_8));
        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .contains("ours", "theirs")
                .containsPattern("produce.1k.records_per_s +rec/s +200,000 \\(200,000..200,000\\) +100,000 .* 2\\.00");
        assertThat(Report.json(comparison)
                        .getJsonArray("measures")
                        .getJsonObject(0)
                        .getDouble("ratio"))
                .isEqualTo(2.0);
    }

    @Test
    void readsItsOwnProcess() {
        ProcessStats stats = ProcessStats.read(ProcessHandle.current().pid());
        assertThat(stats.cpuS()).isPositive();
        assertThat(stats.residentBytes()).isGreaterThan(1 << 20);
        assertThat(stats.fileCount()).isPositive();
        assertThat(stats.jitS()).isBetween(0.0, stats.cpuS());
    }

    @Test
    void tellsForWhatThreadsUsedTheirTime() {
        ThreadTimes before = new ThreadTimes(Map.of("jit", 1.0, "other", 2.0));
        ThreadTimes after = new ThreadTimes(Map.of("jit", 3.0, "other", 2.0, "syncs", 0.5));
        assertThat(after.since(before, 4, "cpu"))
                .containsExactly(
                        new Measure("cpu.jit", 50, "% of a core"),
                        new Measure("cpu.other", 0, "% of a core"),
                        new Measure("cpu.syncs", 12.5, "% of a core"));

        assertThat(ThreadTimes.read(ProcessHandle.current().pid()).seconds()).containsKeys("jit", "other");
    }
}
