// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import java.util.List;
import java.util.Optional;

/**
 * A broker under measurement, or a cluster of them.
 *
 * @param name column heading
 * @param bootstrap {@code host:port}; of a cluster all of them, with commas
 * @param pids of all the brokers' processes on this machine, the first one's first; empty if unknown, and then nothing is said of their CPU and memory
 * @param startCommand shell command that starts it in the background and prints its pid as the last line, on empty storage unless
 *     {@code KEEP} is 1 in its environment; empty if it is not for us to start
 */
public record Target(String name, String bootstrap, List<Long> pids, Optional<String> startCommand) {

    public Target {
        pids = List.copyOf(pids);
    }

    /** The first one's, if it is known. */
    public Optional<Long> pid() {
        return pids.stream().findFirst();
    }

    /** How many brokers the bootstrap addresses name. */
    public int nodes() {
        return bootstrap.split(",", -1).length;
    }

    /** What its processes have used so far, all together, if they are known. */
    public Optional<ProcessStats> stats() {
        return pids.stream().map(ProcessStats::read).reduce(ProcessStats::plus);
    }
}
