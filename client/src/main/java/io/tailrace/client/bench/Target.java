// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import java.util.Optional;

/**
 * A broker under measurement.
 *
 * @param name column heading
 * @param bootstrap {@code host:port}
 * @param pid of the broker's process on this machine; empty if unknown, and then nothing is said of its CPU and memory
 * @param startCommand shell command that starts it in the background and prints its pid as the last line, on empty storage unless
 *     {@code KEEP} is 1 in its environment; empty if it is not for us to start
 */
public record Target(String name, String bootstrap, Optional<Long> pid, Optional<String> startCommand) {

    /** What its process has used so far, if it is known. */
    public Optional<ProcessStats> stats() {
        return pid.map(ProcessStats::read);
    }
}
