// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import java.util.List;

/**
 * From the start command to the first answer to ApiVersions: wall time, the process's CPU by then, and its memory. Only for targets that
 * name a {@link Target#startCommand}; the broker is stopped again.
 */
record StartWorkload(String name) implements Workload {

    @Override
    public boolean startsBroker() {
        return true;
    }

    @Override
    public List<Measure> run(Target target, Progress progress) throws Exception {
        QuietDisk.await();
        try (StartedBroker broker = StartedBroker.start(target, false)) {
            broker.awaitAnswer();
            double wallS = broker.wallS();
            ProcessStats stats = broker.stats();
            return List.of(
                    new Measure("start." + name + ".wall", wallS, "s"),
                    new Measure("start." + name + ".cpu", stats.cpuS(), "s"),
                    new Measure("start." + name + ".resident", stats.residentBytes() / 1048576.0, "MiB"));
        }
    }
}
