// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** What the log shards do. One for all shards of a node: a series for each would tell how keys are spread, which nobody can change. */
public final class LogMeters {

    private final Timer syncs;
    private final Counter appends;
    private final Counter bytes;

    public LogMeters(MeterRegistry registry) {
        syncs = Timer.builder("tailrace.log.sync")
                .description("Group commits: how long the disk took to make what had been written durable")
                .serviceLevelObjectives(
                        Duration.ofNanos(250_000),
                        Duration.ofMillis(1),
                        Duration.ofMillis(4),
                        Duration.ofMillis(16),
                        Duration.ofMillis(64),
                        Duration.ofMillis(256),
                        Duration.ofSeconds(1))
                .register(registry);
        appends = Counter.builder("tailrace.log.appends")
                .description("Appends to partitions: one for each partition of a produce request")
                .register(registry);
        bytes = Counter.builder("tailrace.log.append.bytes")
                .description("Bytes of record batches appended")
                .register(registry);
    }

    public void synced(long nanos) {
        syncs.record(Duration.ofNanos(nanos));
    }

    public void appended(int recordBytes) {
        appends.increment();
        bytes.increment(recordBytes);
    }
}
