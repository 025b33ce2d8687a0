// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench.gateway;

import io.tailrace.client.bench.Measure;
import java.util.List;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Latencies from several event loops, counted while they are wanted. */
final class Latency {

    private static final long HIGHEST_NS = 600_000_000_000L;

    private final Histogram histogram = histogram();
    private volatile boolean counting;

    /** One that several threads may add to, nanoseconds. */
    static Histogram histogram() {
        return new ConcurrentHistogram(HIGHEST_NS, 3);
    }

    void count(boolean wanted) {
        counting = wanted;
    }

    void add(long ns) {
        if (counting) {
            histogram.recordValue(Math.clamp(ns, 0, HIGHEST_NS));
        }
    }

    List<Measure> measures(String prefix) {
        return measures(prefix, histogram);
    }

    static List<Measure> measures(String prefix, Histogram histogram) {
        return List.of(
                new Measure(prefix + ".mean", histogram.getMean() / 1e6, "ms"),
                new Measure(prefix + ".p50", histogram.getValueAtPercentile(50) / 1e6, "ms"),
                new Measure(prefix + ".p99", histogram.getValueAtPercentile(99) / 1e6, "ms"),
                new Measure(prefix + ".p99_9", histogram.getValueAtPercentile(99.9) / 1e6, "ms"),
                new Measure(prefix + ".max", histogram.getMaxValue() / 1e6, "ms"));
    }
}
