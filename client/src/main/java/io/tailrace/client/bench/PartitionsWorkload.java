// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Creates one topic of many partitions and waits until each of them answers for its end offset. */
record PartitionsWorkload(String name, int partitionCount, int replicas) implements Workload {

    @Override
    public int nodes() {
        return replicas;
    }

    @Override
    public List<Measure> run(Target target, Progress progress) throws Exception {
        QuietDisk.await();
        Optional<ProcessStats> before = target.stats();
        long startNs = System.nanoTime();
        String topic = Clients.createTopic(target, partitionCount, replicas, Map.of());
        try {
            List<Measure> found = new ArrayList<>();
            found.add(new Measure("partitions." + name + ".create_wall", (System.nanoTime() - startNs) / 1e9, "s"));
            if (before.isPresent()) {
                ProcessStats after = target.stats().orElseThrow();
                found.add(new Measure(
                        "partitions." + name + ".create_cpu",
                        after.cpuS() - before.get().cpuS(),
                        "s"));
                found.add(new Measure(
                        "partitions." + name + ".created_per_cpu_s",
                        partitionCount
                                / Math.max(0.01, after.cpuS() - before.get().cpuS()),
                        "1/s"));
                found.add(new Measure(
                        "partitions." + name + ".resident_each",
                        (after.residentBytes() - before.get().residentBytes()) / 1024.0 / partitionCount,
                        "KiB"));
                found.add(new Measure(
                        "partitions." + name + ".files",
                        after.fileCount() - before.get().fileCount(),
                        "fd"));
            }
            return found;
        } finally {
            Clients.deleteTopic(target, topic);
        }
    }
}
