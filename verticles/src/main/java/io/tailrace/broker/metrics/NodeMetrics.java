// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/** All that a node counts, in one registry. */
public final class NodeMetrics {

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final ListenerMeters listeners = new ListenerMeters(registry);
    private final LogMeters logs = new LogMeters(registry);
    private final GatewayMeters gateway = new GatewayMeters(registry);

    /** For parts with meters of their own. Their labels must not be of a client's choosing. */
    public MeterRegistry registry() {
        return registry;
    }

    public ListenerMeters listeners() {
        return listeners;
    }

    public LogMeters logs() {
        return logs;
    }

    public GatewayMeters gateway() {
        return gateway;
    }

    PrometheusMeterRegistry prometheus() {
        return registry;
    }
}
