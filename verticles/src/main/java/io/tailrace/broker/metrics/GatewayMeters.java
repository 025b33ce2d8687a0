// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.tailrace.gateway.GatewayMetrics;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/** Browsers, and what they are sent. No label is of a client's choosing. */
public final class GatewayMeters implements GatewayMetrics {

    private final AtomicLong sockets = new AtomicLong();
    private final AtomicLong streams = new AtomicLong();
    private final AtomicLong subscriptions = new AtomicLong();
    private final Map<Handshake, Counter> handshakes = new EnumMap<>(Handshake.class);
    private final Counter records;
    private final Counter bytes;
    private final Counter starved;
    private final Counter published;
    private final Counter refused;

    public GatewayMeters(MeterRegistry registry) {
        gauge(registry, "sockets", sockets, "WebSockets that are open");
        gauge(registry, "streams", streams, "Streams of server-sent events that are open");
        gauge(registry, "subscriptions", subscriptions, "Subscriptions of WebSockets and streams");
        for (Handshake outcome : Handshake.values()) {
            Counter counter = Counter.builder("tailrace.gateway.handshakes")
                    .description("WebSockets that were to be opened")
                    .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                    .register(registry);
            handshakes.put(outcome, counter);
        }
        records = counter(registry, "delivered.records", "Records sent to subscribers");
        bytes = counter(registry, "delivered.bytes", "Bytes of keys, values and headers sent to subscribers");
        starved = counter(registry, "starved", "Times that a delivery used up a subscription's credit");
        published = counter(registry, "published.records", "Records written for browsers");
        refused = counter(registry, "refused.records", "Records that were not written for browsers");
    }

    private static void gauge(MeterRegistry registry, String name, AtomicLong value, String description) {
        Gauge.builder("tailrace.gateway." + name, value, AtomicLong::get)
                .description(description)
                .register(registry);
    }

    private static Counter counter(MeterRegistry registry, String name, String description) {
        return Counter.builder("tailrace.gateway." + name)
                .description(description)
                .register(registry);
    }

    @Override
    public void sockets(int change) {
        sockets.addAndGet(change);
    }

    @Override
    public void handshake(Handshake outcome) {
        Objects.requireNonNull(handshakes.get(outcome)).increment();
    }

    @Override
    public void streams(int change) {
        streams.addAndGet(change);
    }

    @Override
    public void subscriptions(int change) {
        subscriptions.addAndGet(change);
    }

    @Override
    public void delivered(int recordCount, long recordBytes, boolean creditLeft) {
        records.increment(recordCount);
        bytes.increment(recordBytes);
        if (!creditLeft) {
            starved.increment();
        }
    }

    @Override
    public void published(int written, int notWritten) {
        published.increment(written);
        refused.increment(notWritten);
    }
}
