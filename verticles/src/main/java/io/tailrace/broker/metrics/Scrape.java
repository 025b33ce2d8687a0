// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tailrace.broker.bus.Bus;
import io.tailrace.broker.group.GroupLags;
import io.tailrace.cluster.bus.DescribePartitions;
import io.tailrace.cluster.metadata.MetadataView;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The metrics as Prometheus reads them. What is not counted as it happens (partitions, disks, lag) is asked for when somebody scrapes, and
 * once a second at most; so are the JVM's own, which cost time at the start that a node has better use for.
 *
 * <p>Safe from any thread; futures complete on the context that asked.
 */
public final class Scrape {

    private static final long FRESH_MS = 1_000;

    private final Vertx vertx;
    private final Bus bus;
    private final GroupLags lags;
    private final PrometheusMeterRegistry registry;
    private final StateMeters state;
    private boolean bound;
    private @Nullable Future<String> newest;
    private long takenMs;

    public Scrape(Vertx vertx, Bus bus, MetadataView metadata, GroupLags lags, NodeMetrics metrics) {
        this.vertx = vertx;
        this.bus = bus;
        this.lags = lags;
        this.registry = metrics.prometheus();
        this.state = new StateMeters(registry, metadata);
    }

    /** Fails only if the node stops. */
    public synchronized Future<String> text() {
        long nowMs = System.currentTimeMillis();
        Future<String> known = newest;
        // A clock that was set back must not make a sample young for ever.
        if (known != null && !known.failed() && nowMs >= takenMs && nowMs - takenMs < FRESH_MS) {
            return known;
        }
        takenMs = nowMs;
        Future<String> taken = take();
        newest = taken;
        return taken;
    }

    private Future<String> take() {
        Future<List<DescribePartitions.Reply>> shards =
                Future.all(bus.askAll(new DescribePartitions())).map(all -> all.list());
        Future<List<GroupLags.Lag>> behind = lags.sample();
        return Future.all(shards, behind)
                .compose(sampled -> vertx.executeBlocking(() -> {
                    bindOnce();
                    state.update(shards.result(), behind.result());
                    return registry.scrape();
                }));
    }

    private synchronized void bindOnce() {
        if (!bound) {
            bound = true;
            MeterRegistry to = registry;
            new ClassLoaderMetrics().bindTo(to);
            new JvmMemoryMetrics().bindTo(to);
            new JvmThreadMetrics().bindTo(to);
            new ProcessorMetrics().bindTo(to);
            new UptimeMetrics().bindTo(to);
            new FileDescriptorMetrics().bindTo(to);
        }
    }
}
