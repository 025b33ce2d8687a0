// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What was measured on one or two targets, run by run.
 *
 * <p>Two targets take turns as A B B A A B …, so that a machine that grows slower, or a neighbour that comes and goes, weighs on both alike.
 * The figure of a measure is the median of its runs.
 */
public final class Comparison {

    private final List<Target> targets;
    private final Map<String, Row> rows = new LinkedHashMap<>();

    Comparison(List<Target> targets) {
        this.targets = List.copyOf(targets);
    }

    /** One measure: the unit, and the samples of each target in the order of the targets. */
    record Row(String unit, List<List<Double>> samples) {

        double median(int target) {
            double[] sorted =
                    samples.get(target).stream().mapToDouble(d -> d).sorted().toArray();
            if (sorted.length == 0) {
                return Double.NaN;
            }
            int middle = sorted.length / 2;
            return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        }

        double lowest(int target) {
            return samples.get(target).stream().mapToDouble(d -> d).min().orElse(Double.NaN);
        }

        double highest(int target) {
            return samples.get(target).stream().mapToDouble(d -> d).max().orElse(Double.NaN);
        }

        /** The first target against the second. */
        double ratio() {
            return median(0) / median(1);
        }
    }

    List<Target> targets() {
        return targets;
    }

    Map<String, Row> rows() {
        return rows;
    }

    void add(int target, List<Measure> measures) {
        for (Measure measure : measures) {
            rows.computeIfAbsent(measure.name(), name -> emptyRow(measure.unit()))
                    .samples()
                    .get(target)
                    .add(measure.value());
        }
    }

    private Row emptyRow(String unit) {
        List<List<Double>> samples = new ArrayList<>();
        targets.forEach(target -> samples.add(new ArrayList<>()));
        return new Row(unit, samples);
    }

    /** Whose turn it is, for {@code rounds} runs of each of {@code targetCount} targets. */
    static int[] turns(int targetCount, int rounds) {
        int[] turns = new int[targetCount * rounds];
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < targetCount; i++) {
                turns[round * targetCount + i] = round % 2 == 0 ? i : targetCount - 1 - i;
            }
        }
        return turns;
    }

    /**
     * Runs every workload {@code rounds} times on every target.
     *
     * @throws Exception from the first workload that fails; a comparison with holes would be read as if it had none
     */
    static Comparison run(List<Target> targets, List<Workload> workloads, int rounds, Progress progress)
            throws Exception {
        Comparison comparison = new Comparison(targets);
        try {
            for (Workload workload : workloads) {
                for (int turn : turns(targets.size(), rounds)) {
                    Target target = targets.get(turn);
                    progress.next(workload.name() + " on " + target.name());
                    comparison.add(turn, workload.run(target, progress));
                }
            }
        } finally {
            progress.close();
        }
        return comparison;
    }

    @Override
    public String toString() {
        return Arrays.toString(targets.toArray()) + rows;
    }
}
