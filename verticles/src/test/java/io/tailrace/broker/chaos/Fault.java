// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.chaos;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Classes of what can go wrong. On the command line in lower case with hyphens. */
enum Fault {
    /** {@code kill -9} of one node, which starts again. */
    KILL(Needs.NOTHING),
    /** {@code SIGSTOP}, {@code SIGCONT} of one node. */
    PAUSE(Needs.NOTHING),
    /** A stop in good order (SIGTERM) and a start, of one node after the other. */
    ROLLING(Needs.NOTHING),
    /** {@code kill -9} of all nodes at once. */
    KILL_ALL(Needs.NOTHING),
    /** Bytes of a closed segment of a killed node change before it starts again. */
    CORRUPT(Needs.NOTHING),
    /** One node is cut off both ways: from the other nodes, or from the clients too, or from one other node only. */
    PARTITION(Needs.WIRES),
    /** Packets are lost in one direction. */
    ONE_WAY(Needs.WIRES),
    /** A disk that does nothing most of the time, or for seconds. */
    SLOW_DISK(Needs.DISKS),
    /** A disk without room. */
    FULL_DISK(Needs.DISKS),
    /** One node dies and loses what it had not synced. */
    POWER_CUT(Needs.DISKS),
    /** All nodes die at once and lose what they had not synced. */
    POWER_CUT_ALL(Needs.DISKS);

    private enum Needs {
        NOTHING,
        WIRES,
        DISKS
    }

    private final Needs needs;

    Fault(Needs needs) {
        this.needs = needs;
    }

    /** Whether it takes networks or disks of the run's own. */
    boolean needsRoot() {
        return needs != Needs.NOTHING;
    }

    /** @param text names with commas between them, or {@code all} */
    static List<Fault> parse(String text) {
        if (text.equals("all")) {
            return List.of(values());
        }
        return Arrays.stream(text.split(","))
                .map(name -> valueOf(name.strip().toUpperCase(Locale.ROOT).replace('-', '_')))
                .toList();
    }

    static String names(List<Fault> faults) {
        return faults.stream().map(Fault::toString).collect(Collectors.joining(","));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
