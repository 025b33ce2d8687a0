// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.admin;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;

/**
 * What went through this node lately, for the console's charts: one point each {@link #INTERVAL_MS}, half an hour of them. Safe from any
 * thread.
 */
public final class Traffic {

    public static final long INTERVAL_MS = 2_000;

    private static final int MOST = 900;

    private final Supplier<Totals> totals;
    private final Deque<Point> points = new ArrayDeque<>();
    private Totals last;
    private long lastMs;

    /** Counted since the start, but for the connections, which are open now. Bytes are those of Kafka clients. */
    public record Totals(long bytesIn, long bytesOut, long requests, long connections) {}

    /** By second. */
    public record Point(long timeMs, double bytesIn, double bytesOut, double requests, long connections) {}

    public Traffic(Supplier<Totals> totals) {
        this.totals = totals;
        this.last = totals.get();
        this.lastMs = System.currentTimeMillis();
    }

    /** To be called each {@link #INTERVAL_MS}. */
    public synchronized void tick() {
        long nowMs = System.currentTimeMillis();
        Totals now = totals.get();
        double seconds = Math.max(1, nowMs - lastMs) / 1000.0;
        points.addLast(new Point(
                nowMs,
                (now.bytesIn() - last.bytesIn()) / seconds,
                (now.bytesOut() - last.bytesOut()) / seconds,
                (now.requests() - last.requests()) / seconds,
                now.connections()));
        if (points.size() > MOST) {
            points.removeFirst();
        }
        last = now;
        lastMs = nowMs;
    }

    /** Oldest first. */
    public synchronized List<Point> points() {
        return new ArrayList<>(points);
    }
}
