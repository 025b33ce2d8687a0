// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.tailrace.broker.net.ListenerMetrics;
import io.tailrace.gateway.admin.Traffic;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.common.protocol.ApiKeys;
import org.jspecify.annotations.Nullable;

/**
 * Kafka connections and requests. Labelled by API and by nothing that clients choose, so there are never more series than APIs.
 *
 * <p>Meters are looked up once for each API: a request costs a few additions.
 */
public final class ListenerMeters implements ListenerMetrics {

    private static final int MOST_APIS = 256;

    private final AtomicLong open = new AtomicLong();
    private final Counter opened;
    private final Counter refused;
    private final Counter broken;
    private final LongAdder requests = new LongAdder();
    private final LongAdder bytesIn = new LongAdder();
    private final LongAdder bytesOut = new LongAdder();
    private final MeterRegistry registry;

    /** Made at the first request of its API: two threads that do it at once get the same meters from the registry. */
    private final AtomicReferenceArray<@Nullable Api> apis = new AtomicReferenceArray<>(MOST_APIS);

    private record Api(Timer time, Counter failures, Counter bytesIn, Counter bytesOut) {}

    public ListenerMeters(MeterRegistry registry) {
        Gauge.builder("tailrace.listener.connections", open, AtomicLong::get)
                .description("Kafka connections that are open")
                .register(registry);
        opened = counter(registry, "opened", "Kafka connections taken");
        refused = counter(registry, "refused", "Kafka connections turned away");
        broken = counter(registry, "broken", "Kafka connections closed for what the client did");
        this.registry = registry;
    }

    private Api of(ApiKeys key) {
        Api known = apis.get(key.id);
        if (known == null) {
            known = api(registry, key.name().toLowerCase(Locale.ROOT));
            apis.set(key.id, known);
        }
        return known;
    }

    private static Counter counter(MeterRegistry registry, String what, String description) {
        return Counter.builder("tailrace.listener.connections." + what)
                .description(description)
                .register(registry);
    }

    private static Api api(MeterRegistry registry, String name) {
        return new Api(
                Timer.builder("tailrace.listener.request")
                        .description("From the last byte of a request to the hand-over of its response to the socket")
                        .tag("api", name)
                        .serviceLevelObjectives(
                                Duration.ofMillis(1),
                                Duration.ofMillis(5),
                                Duration.ofMillis(25),
                                Duration.ofMillis(100),
                                Duration.ofMillis(500),
                                Duration.ofSeconds(5))
                        .register(registry),
                Counter.builder("tailrace.listener.request.failures")
                        .description("Requests that a handler failed to answer")
                        .tag("api", name)
                        .register(registry),
                Counter.builder("tailrace.listener.request.bytes")
                        .tag("api", name)
                        .description("Bytes of requests")
                        .register(registry),
                Counter.builder("tailrace.listener.response.bytes")
                        .tag("api", name)
                        .description("Bytes of responses")
                        .register(registry));
    }

    @Override
    public void connectionOpened() {
        open.incrementAndGet();
        opened.increment();
    }

    @Override
    public void connectionClosed() {
        open.decrementAndGet();
    }

    @Override
    public void connectionRefused() {
        refused.increment();
    }

    @Override
    public void connectionBroken() {
        broken.increment();
    }

    @Override
    public void requestReceived(ApiKeys api, short version, int frameBytes) {
        requests.increment();
        bytesIn.add(frameBytes);
        of(api).bytesIn.increment(frameBytes);
    }

    @Override
    public void responseSent(ApiKeys api, int frameBytes, long elapsedNanos) {
        bytesOut.add(frameBytes);
        of(api).bytesOut.increment(frameBytes);
        of(api).time.record(Duration.ofNanos(elapsedNanos));
    }

    @Override
    public void requestFailed(ApiKeys api) {
        of(api).failures.increment();
    }

    /** For the console's charts. */
    public Traffic.Totals totals() {
        return new Traffic.Totals(bytesIn.sum(), bytesOut.sum(), requests.sum(), open.get());
    }
}
