// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench.gateway;

import io.tailrace.client.bench.Clients;
import io.tailrace.client.bench.Measure;
import io.tailrace.client.bench.ProcessStats;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/**
 * Subscribers that grant nothing, beside a topic that is written at full rate: they must cost the producer nothing, and no memory by the record.
 *
 * <p>By turns the topic is written that all of them subscribe to, and one that nobody does, on the same connections in the same minutes, so that
 * what else goes on in the machine is in both. Resident memory is read all the while.
 */
final class SilentSubscribers implements GatewayBench.Scenario {

    private static final int PARTITIONS = 4;
    private static final int ROUNDS = 5;

    /** The topic without subscribers is written for a third of the time of the other. */
    private static final int THIRD = 3;

    private static final long SAMPLE_MS = 1_000;
    private static final double MIB = 1048576.0;

    /** What is written is soon of no use: ten minutes of it need not fill the disk. */
    private static final Map<String, String> SMALL =
            Map.of("segment.bytes", "33554432", "retention.bytes", "67108864", "file.delete.delay.ms", "1000");

    /** Resident memory as time goes by, from a first look on. */
    private static final class Memory {
        private final List<Double> mib = new ArrayList<>();

        void look(Optional<ProcessStats> stats) {
            stats.ifPresent(it -> mib.add(it.residentBytes() / MIB));
        }

        private double mean(int from, int to) {
            return mib.subList(from, to).stream()
                    .mapToDouble(Double::doubleValue)
                    .average()
                    .orElse(0);
        }

        List<Measure> measures() {
            List<Measure> found = new ArrayList<>();
            if (mib.isEmpty()) {
                return found;
            }
            int tenth = Math.max(1, mib.size() / 10);
            for (int i = 0; i < mib.size(); i += tenth) {
                found.add(new Measure("silent.resident." + i * SAMPLE_MS / 1000 + "s", mib.get(i), "MiB"));
            }
            double max = mib.stream().mapToDouble(Double::doubleValue).max().orElse(0);
            found.add(new Measure("silent.resident.begin", mean(0, tenth), "MiB"));
            found.add(new Measure("silent.resident.max", max, "MiB"));
            found.add(new Measure("silent.resident.end", mean(mib.size() - tenth, mib.size()), "MiB"));
            return found;
        }
    }

    /** What a producer saw. */
    private static final class Written {
        private final Histogram acks = Latency.histogram();
        private long records;
        private double seconds;

        List<Measure> measures(String name) {
            List<Measure> found = new ArrayList<>();
            found.add(new Measure(name + ".written", records / seconds, "1/s"));
            found.addAll(Latency.measures(name + ".ack", acks));
            return found;
        }
    }

    @Override
    public List<Measure> run(GatewayBench.Plan plan) throws Exception {
        String subscribed = Clients.createTopic(plan.broker(), PARTITIONS, SMALL);
        String other = Clients.createTopic(plan.broker(), PARTITIONS, SMALL);
        Written alone = new Written();
        Written beside = new Written();
        Memory memory = new Memory();
        double turnS = (double) plan.seconds() / ROUNDS;
        try (Fleet fleet = new Fleet(plan.http(), plan.clients(), plan.compress())) {
            write(plan, other, turnS, new Written(), new Memory()); // the broker gets warm
            fleet.open(plan.clients(), new Client.Request(subscribed, false, 0, false), ns -> {});
            for (int round = 0; round < ROUNDS; round++) {
                write(plan, other, turnS / THIRD, alone, memory);
                write(plan, subscribed, turnS, beside, memory);
            }
            if (fleet.sum(Client::received) > 0) {
                throw new IllegalStateException("records came without credit");
            }
        } finally {
            Clients.deleteTopic(plan.broker(), subscribed);
            Clients.deleteTopic(plan.broker(), other);
        }
        List<Measure> found = new ArrayList<>();
        found.add(new Measure("silent.clients", plan.clients(), "count"));
        found.addAll(alone.measures("silent.alone"));
        found.addAll(beside.measures("silent.beside"));
        found.add(new Measure(
                "silent.ack_p99_beside_to_alone",
                (double) beside.acks.getValueAtPercentile(99) / Math.max(1, alone.acks.getValueAtPercentile(99)),
                "ratio"));
        found.addAll(memory.measures());
        return found;
    }

    /** Writes for some time, after a tenth of it to get going. */
    private static void write(GatewayBench.Plan plan, String topic, double seconds, Written written, Memory memory)
            throws InterruptedException {
        Load.Shape shape = new Load.Shape(512, 1000, plan.fullRatePerS(), 0);
        try (Load load = new Load(plan.broker().bootstrap(), topic, shape)) {
            Thread.sleep((long) (seconds * 100));
            load.acks().reset();
            long before = load.written();
            long startNs = System.nanoTime();
            for (double leftS = seconds; leftS > 0; leftS = seconds - (System.nanoTime() - startNs) / 1e9) {
                memory.look(plan.broker().stats());
                Thread.sleep(Math.min(SAMPLE_MS, (long) Math.ceil(leftS * 1000)));
            }
            written.seconds += (System.nanoTime() - startNs) / 1e9;
            written.records += load.written() - before;
            load.finish();
            written.acks.add(load.acks());
        }
    }
}
