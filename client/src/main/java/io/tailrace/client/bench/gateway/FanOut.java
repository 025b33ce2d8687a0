// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench.gateway;

import io.tailrace.client.bench.Clients;
import io.tailrace.client.bench.Measure;
import io.tailrace.client.bench.ProcessStats;
import io.tailrace.client.bench.ThreadTimes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Records go out to many: each to the one client that asked for its key, or each to all; or all of them to a few. Deliveries for each second of the broker's CPU say
 * what a core can do, whatever else runs on the machine. Much of that second is for taking the records in; so they are written once more with
 * nobody there, and the difference is the gateway's. A producer that sends each record by itself packs them into fewer requests the busier the
 * machine is, and the difference is of two unlike things; so where it is the difference that counts, let the producer linger.
 */
final class FanOut implements GatewayBench.Scenario {

    enum Kind {
        /** 512 bytes; client n wants key n. */
        ONE_KEY_EACH,

        /** As before, and every tenth client grants no credit. */
        ONE_KEY_EACH_SOME_WITHOUT_CREDIT,

        /** 1 KiB, four times a second. */
        EVERYTHING_TO_ALL,

        /** 512 bytes, to a few, in binary messages. */
        STREAM_OF_RECORDS,

        /** As before, in batches as they are stored. */
        STREAM_OF_BATCHES;

        boolean isKeyed() {
            return this == ONE_KEY_EACH || this == ONE_KEY_EACH_SOME_WITHOUT_CREDIT;
        }

        @Nullable
        String binary() {
            return this == STREAM_OF_RECORDS ? "records" : this == STREAM_OF_BATCHES ? "batches" : null;
        }
    }

    private static final int PARTITIONS = 4;
    private static final int FEW = 10;
    private static final long PLENTY = 1L << 40;

    private final String name;
    private final Kind kind;

    FanOut(String name, Kind kind) {
        this.name = name;
        this.kind = kind;
    }

    /** What was seen while records went out. */
    private record Seen(long deliveries, long bytes, double tookS, Optional<Used> before, Optional<Used> after) {}

    /** What the broker has used so far. */
    private record Used(ProcessStats process, ThreadTimes threads) {
        static Optional<Used> of(GatewayBench.Plan plan) {
            return plan.broker().pid().map(pid -> new Used(ProcessStats.read(pid), ThreadTimes.read(pid)));
        }
    }

    @Override
    public List<Measure> run(GatewayBench.Plan plan) throws Exception {
        boolean keyed = kind.isKeyed();
        String topic = Clients.createTopic(plan.broker(), keyed ? PARTITIONS : 1, Map.of());
        Latency latency = new Latency();
        Load.Shape shape = kind == Kind.EVERYTHING_TO_ALL
                ? new Load.Shape(1024, 0, 4, 0)
                : new Load.Shape(512, keyed ? plan.clients() : 0, plan.ratePerS(), plan.lingerMs());
        try {
            Seen seen = goOut(plan, topic, shape, latency);
            List<Measure> found = new ArrayList<>();
            found.add(new Measure(name + ".clients", clients(plan), "count"));
            found.add(new Measure(name + ".deliveries", seen.deliveries / seen.tookS, "1/s"));
            found.add(new Measure(name + ".bytes_of_a_delivery", (double) seen.bytes / seen.deliveries, "bytes"));
            found.addAll(latency.measures(name + ".latency"));
            if (seen.before.isPresent() && seen.after.isPresent()) {
                found.addAll(cpu(seen, seen.before.get(), seen.after.get(), coresOfWriting(plan, topic, shape)));
            }
            return found;
        } finally {
            Clients.deleteTopic(plan.broker(), topic);
        }
    }

    private int clients(GatewayBench.Plan plan) {
        return kind.binary() == null ? plan.clients() : Math.min(FEW, plan.clients());
    }

    private Seen goOut(GatewayBench.Plan plan, String topic, Load.Shape shape, Latency latency)
            throws InterruptedException {
        boolean keyed = kind.isKeyed();
        int clients = clients(plan);
        int starved = kind == Kind.ONE_KEY_EACH_SOME_WITHOUT_CREDIT ? clients / 10 : 0;
        try (Fleet fleet = new Fleet(plan.http(), clients, plan.compress())) {
            Client.Request request = new Client.Request(topic, keyed, PLENTY, false, kind.binary());
            fleet.open(clients - starved, request, latency::add);
            fleet.open(starved, new Client.Request(topic, keyed, 0, false), latency::add);
            try (Load load = new Load(plan.broker().bootstrap(), topic, shape)) {
                Thread.sleep(plan.seconds() * 250L);
                latency.count(true);
                Optional<Used> before = Used.of(plan);
                long receivedBefore = fleet.sum(Client::received);
                long bytesBefore = fleet.bytes();
                long startNs = System.nanoTime();
                Thread.sleep(plan.seconds() * 1000L);
                double tookS = (System.nanoTime() - startNs) / 1e9;
                long deliveries = fleet.sum(Client::received) - receivedBefore;
                long bytes = fleet.bytes() - bytesBefore;
                Optional<Used> after = Used.of(plan);
                latency.count(false);
                long sent = load.finish();
                Check.complete(fleet, keyed ? clients : 0, clients - starved, sent);
                return new Seen(deliveries, bytes, tookS, before, after);
            }
        }
    }

    /** The gateway's share is a difference, and told if it is not lost in what it is a difference of. */
    private List<Measure> cpu(Seen seen, Used before, Used after, double writingCores) {
        double cpuS = after.process.cpuS() - before.process.cpuS();
        double busyS = after.process.busyS() - before.process.busyS();
        double gatewayS = busyS - writingCores * seen.tookS;
        List<Measure> found = new ArrayList<>();
        found.add(new Measure(name + ".deliveries_per_cpu_s", seen.deliveries / cpuS, "1/s"));
        found.add(new Measure(name + ".deliveries_per_cpu_s_without_jit", seen.deliveries / busyS, "1/s"));
        if (gatewayS > busyS / 5) {
            found.add(new Measure(name + ".deliveries_per_gateway_cpu_s", seen.deliveries / gatewayS, "1/s"));
        }
        found.add(new Measure(name + ".cpu", 100 * cpuS / seen.tookS, "% of a core"));
        found.addAll(after.threads.since(before.threads, seen.tookS, name + ".cpu"));
        found.add(new Measure(name + ".cpu_of_writing", 100 * writingCores, "% of a core"));
        found.add(new Measure(name + ".resident", after.process.residentBytes() / 1048576.0, "MiB"));
        return found;
    }

    /** What the same records cost a broker that is warm, without a subscriber, without the compiler's time. */
    private static double coresOfWriting(GatewayBench.Plan plan, String topic, Load.Shape shape)
            throws InterruptedException {
        try (Load load = new Load(plan.broker().bootstrap(), topic, shape)) {
            Thread.sleep(plan.seconds() * 250L);
            double before = plan.broker().stats().orElseThrow().busyS();
            long startNs = System.nanoTime();
            Thread.sleep(plan.seconds() * 500L);
            double busyS = plan.broker().stats().orElseThrow().busyS() - before;
            double tookS = (System.nanoTime() - startNs) / 1e9;
            load.finish();
            return busyS / tookS;
        }
    }
}
