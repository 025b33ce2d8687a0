// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.chaos;

import java.util.List;

/** Times, told as a person wants them. */
final class Figures {

    private Figures() {}

    /** @param ms at least one */
    static String of(List<Long> ms) {
        List<Long> sorted = ms.stream().sorted().toList();
        return "n=" + sorted.size() + " p50=" + at(sorted, 0.5) + " ms p99=" + at(sorted, 0.99) + " ms max="
                + sorted.getLast() + " ms";
    }

    /** The smallest that is not below this share of all. */
    private static long at(List<Long> sorted, double share) {
        return sorted.get((int) Math.ceil(share * sorted.size()) - 1);
    }
}
