// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Waits until the disk has nothing left to do.
 *
 * <p>A broker that never syncs leaves its data to the kernel, which writes it back seconds later: in the turn of the other broker, whose syncs
 * then wait behind it. Every measured step begins on a disk that owes nothing to the step before.
 */
final class QuietDisk {

    private static final Path MEMINFO = Path.of("/proc/meminfo");
    private static final long QUIET_KIB = 4096;
    private static final long PATIENCE_S = 60;
    private static final long POLL_MS = 50;

    private QuietDisk() {}

    /** Has the system write back what is dirty, and waits for it, for at most a minute; does nothing where there is no {@code /proc}. */
    static void await() throws IOException, InterruptedException {
        if (!Files.isReadable(MEMINFO)) {
            return;
        }
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        Process sync = new ProcessBuilder("sync").inheritIO().start();
        if (!sync.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
            sync.destroyForcibly();
        }
        while (unwrittenKib() > QUIET_KIB && System.nanoTime() < deadlineNs) {
            TimeUnit.MILLISECONDS.sleep(POLL_MS);
        }
    }

    private static long unwrittenKib() throws IOException {
        long kib = 0;
        for (String line : Files.readAllLines(MEMINFO)) {
            if (line.startsWith("Dirty:") || line.startsWith("Writeback:")) {
                kib += Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        return kib;
    }
}
