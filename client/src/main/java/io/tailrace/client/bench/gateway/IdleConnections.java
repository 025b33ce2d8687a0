// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench.gateway;

import io.tailrace.client.bench.Measure;
import io.tailrace.client.bench.ProcessStats;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** What a connection costs that does nothing: memory, and the CPU of keeping it alive. Says nothing without the broker's process. */
final class IdleConnections implements GatewayBench.Scenario {

    private static final Client.Request NOTHING = new Client.Request(null, false, 0, false);

    /** Opened and closed before: a broker's first connections load classes and fill pools. */
    private static final int FIRST = 200;

    @Override
    public List<Measure> run(GatewayBench.Plan plan) throws Exception {
        if (plan.broker().pid().isEmpty()) {
            return List.of();
        }
        long pid = plan.broker().pid().get();
        try (Fleet first = new Fleet(plan.http(), FIRST, plan.compress())) {
            first.open(FIRST, NOTHING, ns -> {});
        }
        OptionalLong heapBefore = Heap.liveBytes(pid);
        ProcessStats before = ProcessStats.read(pid);
        try (Fleet fleet = new Fleet(plan.http(), plan.clients(), plan.compress())) {
            fleet.open(plan.clients(), NOTHING, ns -> {});
            OptionalLong heapAfter = Heap.liveBytes(pid);
            ProcessStats after = ProcessStats.read(pid);
            Thread.sleep(plan.seconds() * 1000L);
            ProcessStats later = ProcessStats.read(pid);

            List<Measure> found = new ArrayList<>();
            found.add(new Measure("idle.clients", plan.clients(), "count"));
            found.add(new Measure(
                    "idle.resident_per_connection",
                    (after.residentBytes() - before.residentBytes()) / 1024.0 / plan.clients(),
                    "KiB"));
            if (heapBefore.isPresent() && heapAfter.isPresent()) {
                found.add(new Measure(
                        "idle.heap_per_connection",
                        (heapAfter.getAsLong() - heapBefore.getAsLong()) / 1024.0 / plan.clients(),
                        "KiB"));
            }
            found.add(new Measure("idle.resident", after.residentBytes() / 1048576.0, "MiB"));
            found.add(new Measure("idle.cpu", 100 * (later.cpuS() - after.cpuS()) / plan.seconds(), "% of a core"));
            return found;
        }
    }
}
