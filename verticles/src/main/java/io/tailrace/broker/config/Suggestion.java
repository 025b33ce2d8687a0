// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import java.util.Collection;
import java.util.Optional;

/** What somebody may have meant who wrote a name that does not exist. */
final class Suggestion {

    private Suggestion() {}

    /** The known name that is fewest edits away, if that is few for its length. */
    static Optional<String> forName(String unknown, Collection<String> known) {
        String best = null;
        int fewest = Math.max(2, unknown.length() / 4) + 1;
        for (String name : known) {
            int edits = edits(unknown, name);
            if (edits < fewest) {
                fewest = edits;
                best = name;
            }
        }
        return Optional.ofNullable(best);
    }

    /** Levenshtein's distance, two rows at a time. */
    private static int edits(String from, String to) {
        int[] above = new int[to.length() + 1];
        for (int j = 0; j < above.length; j++) {
            above[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int[] row = new int[above.length];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = above[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, Math.min(row[j - 1], above[j]) + 1);
            }
            above = row;
        }
        return above[to.length()];
    }
}
