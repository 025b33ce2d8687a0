// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench.gateway;

import io.tailrace.client.bench.Clients;
import io.tailrace.client.bench.Measure;
import io.tailrace.client.bench.ProcessStats;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** All clients lose their connections at once, while records go on coming, and come back with their tokens: nothing missing, nothing twice. */
final class MassReconnect implements GatewayBench.Scenario {

    private static final int PARTITIONS = 4;
    private static final long PLENTY = 1L << 40;
    private static final long HIGHEST_NS = 600_000_000_000L;

    @Override
    public List<Measure> run(GatewayBench.Plan plan) throws Exception {
        String topic = Clients.createTopic(plan.broker(), PARTITIONS, Map.of());
        try (Fleet fleet = new Fleet(plan.http(), plan.clients(), plan.compress())) {
            fleet.open(plan.clients(), new Client.Request(topic, true, PLENTY, true), ns -> {});
            try (Load load = new Load(
                    plan.broker().bootstrap(),
                    topic,
                    new Load.Shape(512, plan.clients(), plan.ratePerS(), plan.lingerMs()))) {
                Thread.sleep(plan.seconds() * 500L);
                Histogram back = new ConcurrentHistogram(HIGHEST_NS, 3);
                Optional<ProcessStats> before = plan.broker().stats();
                fleet.clients().forEach(Client::cut);
                long startNs = System.nanoTime();
                fleet.connect(fleet.clients(), back::recordValue);
                Thread.sleep(plan.seconds() * 500L);
                long sent = load.finish();
                Check.complete(fleet, plan.clients(), plan.clients(), sent);
                double wholeS = (System.nanoTime() - startNs) / 1e9;

                List<Measure> found = new ArrayList<>();
                found.add(new Measure("reconnect.clients", plan.clients(), "count"));
                found.addAll(Latency.measures("reconnect.open", back));
                found.add(new Measure("reconnect.whole", wholeS, "s"));
                before.ifPresent(it -> found.add(new Measure(
                        "reconnect.cpu", plan.broker().stats().orElseThrow().cpuS() - it.cpuS(), "s")));
                return found;
            }
        } finally {
            Clients.deleteTopic(plan.broker(), topic);
        }
    }
}
