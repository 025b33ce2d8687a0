// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench.gateway;

import io.tailrace.client.bench.Clients;
import io.tailrace.client.bench.Measure;
import io.tailrace.client.bench.ProcessStats;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Records go out to many: each to the one client that asked for its key, or each to all. Deliveries for each second of the broker's CPU say
 * what a core can do, whatever else runs on the machine. Much of that second is for taking the records in; so they are written once with nobody
 * there, and what is more than that is the gateway's.
 */
final class FanOut implements GatewayBench.Scenario {

    enum Kind {
        /** 512 bytes; client n wants key n. */
        ONE_KEY_EACH,

        /** As before, and every tenth client grants no credit. */
        ONE_KEY_EACH_SOME_WITHOUT_CREDIT,

        /** 1 KiB, four times a second. */
        EVERYTHING_TO_ALL
    }

    private static final int PARTITIONS = 4;
    private static final long PLENTY = 1L << 40;

    private final String name;
    private final Kind kind;

    FanOut(String name, Kind kind) {
        this.name = name;
        this.kind = kind;
    }

    @Override
    public List<Measure> run(GatewayBench.Plan plan) throws Exception {
        boolean keyed = kind != Kind.EVERYTHING_TO_ALL;
        String topic = Clients.createTopic(plan.broker(), keyed ? PARTITIONS : 1, Map.of());
        Latency latency = new Latency();
        int starved = kind == Kind.ONE_KEY_EACH_SOME_WITHOUT_CREDIT ? plan.clients() / 10 : 0;
        Load.Shape shape = keyed ? new Load.Shape(512, plan.clients(), plan.ratePerS()) : new Load.Shape(1024, 0, 4);
        Optional<Double> writingCores = coresOfWriting(plan, topic, shape);
        try (Fleet fleet = new Fleet(plan.http(), plan.clients())) {
            fleet.open(plan.clients() - starved, new Client.Request(topic, keyed, PLENTY, false), latency::add);
            fleet.open(starved, new Client.Request(topic, keyed, 0, false), latency::add);
            try (Load load = new Load(plan.broker().bootstrap(), topic, shape)) {
                Thread.sleep(plan.seconds() * 250L);
                latency.count(true);
                Optional<ProcessStats> before = plan.broker().stats();
                long receivedBefore = fleet.sum(Client::received);
                long startNs = System.nanoTime();
                Thread.sleep(plan.seconds() * 1000L);
                double tookS = (System.nanoTime() - startNs) / 1e9;
                long deliveries = fleet.sum(Client::received) - receivedBefore;
                Optional<ProcessStats> after = plan.broker().stats();
                latency.count(false);
                long sent = load.finish();
                Check.complete(fleet, keyed ? plan.clients() : 0, plan.clients() - starved, sent);

                List<Measure> found = new ArrayList<>();
                found.add(new Measure(name + ".clients", plan.clients(), "count"));
                found.add(new Measure(name + ".deliveries", deliveries / tookS, "1/s"));
                found.addAll(latency.measures(name + ".latency"));
                if (before.isPresent() && after.isPresent()) {
                    double cpuS = after.get().cpuS() - before.get().cpuS();
                    double busyS = after.get().busyS() - before.get().busyS();
                    found.add(new Measure(name + ".deliveries_per_cpu_s", deliveries / cpuS, "1/s"));
                    found.add(new Measure(name + ".deliveries_per_cpu_s_without_jit", deliveries / busyS, "1/s"));
                    double gatewayS = busyS - writingCores.orElse(0.0) * tookS;
                    found.add(new Measure(name + ".deliveries_per_gateway_cpu_s", deliveries / gatewayS, "1/s"));
                    found.add(new Measure(name + ".cpu", 100 * cpuS / tookS, "% of a core"));
                    found.add(new Measure(name + ".cpu_of_writing", 100 * writingCores.orElse(0.0), "% of a core"));
                    found.add(new Measure(name + ".resident", after.get().residentBytes() / 1048576.0, "MiB"));
                }
                return found;
            }
        } finally {
            Clients.deleteTopic(plan.broker(), topic);
        }
    }

    /** What the same records cost without a subscriber, without the compiler's time. */
    private static Optional<Double> coresOfWriting(GatewayBench.Plan plan, String topic, Load.Shape shape)
            throws InterruptedException {
        if (plan.broker().stats().isEmpty()) {
            return Optional.empty();
        }
        try (Load load = new Load(plan.broker().bootstrap(), topic, shape)) {
            Thread.sleep(plan.seconds() * 250L);
            double before = plan.broker().stats().orElseThrow().busyS();
            long startNs = System.nanoTime();
            Thread.sleep(plan.seconds() * 500L);
            double cores =
                    (plan.broker().stats().orElseThrow().busyS() - before) / ((System.nanoTime() - startNs) / 1e9);
            load.finish();
            return Optional.of(cores);
        }
    }
}
