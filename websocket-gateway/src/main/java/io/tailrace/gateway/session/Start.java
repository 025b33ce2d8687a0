// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

/** Where to begin in one partition. */
public sealed interface Start {

    /** The oldest record that is left. */
    record Earliest() implements Start {}

    /** Only what comes from now on. */
    record Latest() implements Start {}

    /** The first record, in offset order, that is not older. */
    record Timestamp(long timestampMs) implements Start {}

    /** An offset that somebody knows, or a place that a token stands for. */
    record At(Position position) implements Start {}

    /**
     * A place in a topic that is gone, though one of that name exists: the first record after the last one seen.
     *
     * @param timestampMs of the last record seen
     */
    record AfterReplacement(Position lost, long timestampMs) implements Start {}
}
