// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench.gateway;

import io.tailrace.client.bench.Clients;
import io.tailrace.client.bench.Measure;
import io.tailrace.client.bench.ProcessStats;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Subscribers that grant nothing, beside a topic that is written at full rate: they must cost the producer nothing, and no memory by the record. */
final class SilentSubscribers implements GatewayBench.Scenario {

    private static final int PARTITIONS = 4;

    @Override
    public List<Measure> run(GatewayBench.Plan plan) throws Exception {
        String topic = Clients.createTopic(plan.broker(), PARTITIONS, Map.of());
        List<Measure> found = new ArrayList<>();
        try {
            write(plan, topic, "silent.alone", found);
            try (Fleet fleet = new Fleet(plan.http(), plan.clients())) {
                fleet.open(plan.clients(), new Client.Request(topic, false, 0, false), ns -> {});
                Optional<ProcessStats> before = plan.broker().stats();
                write(plan, topic, "silent.beside", found);
                Optional<ProcessStats> after = plan.broker().stats();
                if (fleet.sum(Client::received) > 0) {
                    throw new IllegalStateException("records came without credit");
                }
                found.add(new Measure("silent.clients", plan.clients(), "count"));
                if (before.isPresent() && after.isPresent()) {
                    found.add(new Measure("silent.resident_before", before.get().residentBytes() / 1048576.0, "MiB"));
                    found.add(new Measure("silent.resident_after", after.get().residentBytes() / 1048576.0, "MiB"));
                }
            }
        } finally {
            Clients.deleteTopic(plan.broker(), topic);
        }
        return found;
    }

    private static void write(GatewayBench.Plan plan, String topic, String name, List<Measure> found)
            throws InterruptedException {
        try (Load load = new Load(plan.broker().bootstrap(), topic, new Load.Shape(512, 1000, plan.fullRatePerS()))) {
            Thread.sleep(plan.seconds() * 250L);
            load.acks().reset();
            long before = load.written();
            Thread.sleep(plan.seconds() * 1000L);
            found.add(new Measure(name + ".written", (load.written() - before) / (double) plan.seconds(), "1/s"));
            load.finish();
            found.addAll(Latency.measures(name + ".ack", load.acks()));
        }
    }
}
