// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Three processes, stock clients, faults: nothing that was acknowledged is lost, doubled or moved, and nothing is shown that was not written.
 * Short, with faults that need no rights; {@code bin/chaos} runs it for longer, and with the others.
 */
@ResourceLock(RootSite.NETWORK)
class ChaosIT {

    private static final List<Fault> FAULTS = Fault.parse(System.getProperty("tailrace.chaos.faults", "kill,pause"));
    private static final long SECONDS = Long.getLong("tailrace.chaos.seconds", 30);
    private static final long SEED = Long.getLong("tailrace.chaos.seed", System.nanoTime() % 1_000_000);

    @Test
    void nothingForbiddenHappens() throws Exception {
        Path dir = Files.createDirectories(
                Path.of("target", "chaos", Long.toString(SEED)).toAbsolutePath());
        boolean asRoot = FAULTS.stream().anyMatch(Fault::needsRoot);
        try (Site site = asRoot ? new RootSite(dir, ChaosRun.NODES) : new LoopbackSite(dir, ChaosRun.NODES)) {
            List<Anomaly> anomalies = new ChaosRun(dir, site, FAULTS, SECONDS, SEED).run();
            assertThat(anomalies).as("seed " + SEED + ", history in " + dir).noneMatch(it -> it.kind()
                    .forbidden());
        }
    }
}
