// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.segment;

import java.util.function.IntPredicate;

/** The one binary search of indexes and of the row of segments. */
final class Bisection {

    private Bisection() {}

    /**
     * The first of {@code count} entries that passes the test; {@code count} if none does.
     *
     * @param test once it is passed by an entry, it is by all after it
     */
    static int first(int count, IntPredicate test) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (test.test(middle)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }
}
