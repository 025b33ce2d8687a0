// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The workloads by name, at a scale.
 *
 * <p>{@code flush.messages} is set where durability must be the same on both sides, and left alone where each broker's own default is the
 * point: in {@code latency} and {@code replicated} Tailrace syncs every batch and Apache Kafka none.
 */
public final class Suite {

    private static final Map<String, Object> TUNED =
            Map.of("linger.ms", 5, "batch.size", 65536, "acks", "1", "enable.idempotence", false);
    private static final Map<String, Object> REPLICATED =
            Map.of("linger.ms", 5, "batch.size", 65536, "acks", "all", "enable.idempotence", true);
    private static final int REPLICAS = 3;
    private static final Map<String, String> NEVER_SYNC = Map.of("flush.messages", Long.toString(Long.MAX_VALUE));
    private static final Map<String, String> ALWAYS_SYNC = Map.of("flush.messages", "1");
    /** Records that fill a batch of 64 KiB, so that the dealing of records keeps batches full. */
    private static final int RUN_1K = 60;

    private static final int RUN_100 = 560;

    private Suite() {}

    /** Every workload's name, in the order of running. */
    public static Set<String> names() {
        return all(1).keySet();
    }

    /** @param names of workloads, or what comes before a dot in several: {@code groups} is all of {@code groups.…} */
    static List<Workload> of(List<String> names, double scale) {
        Map<String, Supplier<Workload>> all = all(scale);
        List<Workload> chosen = new ArrayList<>();
        for (String name : names) {
            List<Supplier<Workload>> named = all.entrySet().stream()
                    .filter(entry ->
                            entry.getKey().equals(name) || entry.getKey().startsWith(name + '.'))
                    .map(Map.Entry::getValue)
                    .toList();
            if (named.isEmpty()) {
                throw new IllegalArgumentException(
                        "no workload '" + name + "'; there are " + String.join(", ", all.keySet()));
            }
            named.forEach(workload -> chosen.add(workload.get()));
        }
        return chosen;
    }

    /**
     * Brings a broker's just-in-time compiler up to speed; its figures are thrown away. Not scaled: a compiler needs the same number of calls
     * however short the run.
     */
    static Workload warmUp() {
        return new ProduceWorkload("warm", 12, 512, 2_000_000, 10, TUNED, NEVER_SYNC, true);
    }

    private static Map<String, Supplier<Workload>> all(double scale) {
        Map<String, Supplier<Workload>> all = new LinkedHashMap<>();
        all.put("start", () -> new StartWorkload("empty"));
        all.put("killed", () -> new RestartWorkload("killed.2000", 2000, 10, true));
        all.put("restart", () -> new RestartWorkload("restart.5000", 5000, 1, false));
        all.put(
                "1k",
                () -> new ProduceWorkload("1k", 12, 1024, records(2_000_000, scale), RUN_1K, TUNED, NEVER_SYNC, true));
        all.put(
                "100b",
                () -> new ProduceWorkload(
                        "100b", 12, 100, records(8_000_000, scale), RUN_100, TUNED, NEVER_SYNC, true));
        all.put(
                "sync",
                () -> new ProduceWorkload(
                        "sync", 12, 1024, records(1_000_000, scale), RUN_1K, TUNED, ALWAYS_SYNC, false));
        all.put("latency", () -> new LatencyWorkload("r1000", 1000, 3, seconds(15, scale), 1024, 1));
        all.put(
                "scatter",
                () -> new ProduceWorkload("scatter", 2000, 100, records(400_000, scale), 1, TUNED, Map.of(), false));
        all.put("partitions", () -> new PartitionsWorkload("5000", 5000, 1));
        all.put("groups.classic", () -> new GroupRebalanceWorkload("classic", 50));
        all.put("groups.consumer", () -> new GroupRebalanceWorkload("consumer", 50));
        all.put("groups.members", () -> new GroupMembersWorkload(records(5_000, scale)));
        all.put("groups.many", () -> new GroupListWorkload(records(15_000, scale)));
        all.put(
                "replicated.produce",
                () -> new ProduceWorkload(
                        "replicated",
                        12,
                        1024,
                        records(500_000, scale),
                        RUN_1K,
                        REPLICATED,
                        REPLICAS,
                        Map.of(),
                        false));
        all.put(
                "replicated.latency",
                () -> new LatencyWorkload("replicated", 1000, 5, seconds(15, scale), 1024, REPLICAS));
        all.put("replicated.partitions", () -> new PartitionsWorkload("replicated", records(1_000, scale), REPLICAS));
        return all;
    }

    private static int records(int count, double scale) {
        return Math.max(1000, (int) (count * scale));
    }

    private static int seconds(int count, double scale) {
        return Math.max(2, (int) (count * scale));
    }
}
