// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.chaos;

import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** How often each class of fault was inflicted. Of one thread. */
final class FaultTally {

    private final Map<Fault, Integer> counts = new EnumMap<>(Fault.class);

    void count(Fault fault) {
        counts.merge(fault, 1, Integer::sum);
    }

    /** A run says nothing of faults that never came. */
    List<Anomaly> missing(Collection<Fault> wanted) {
        return wanted.stream()
                .distinct()
                .filter(it -> !counts.containsKey(it))
                .map(it -> new Anomaly(Anomaly.Kind.NO_FAULT, "nothing of " + it + " was inflicted"))
                .toList();
    }

    @Override
    public String toString() {
        return counts.isEmpty() ? "none" : counts.toString();
    }
}
