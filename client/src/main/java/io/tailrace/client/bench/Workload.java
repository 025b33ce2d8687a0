// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import java.util.List;

/** Something to do to a broker, the same for every broker. Leaves no topic behind. */
interface Workload {

    /** Stable and short; the first part of the names of its measures. */
    String name();

    /** Whether it starts the broker itself, and so wants none to be running. */
    default boolean startsBroker() {
        return false;
    }

    /** How many brokers it needs. */
    default int nodes() {
        return 1;
    }

    /** Runs once and returns what was measured, in an order that is the same every time. Blocks. */
    List<Measure> run(Target target, Progress progress) throws Exception;
}
