// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.compaction;

import java.util.List;

/**
 * What a finished pass made.
 *
 * @param replacements in the order of offsets; disjoint
 * @param cleanedTo the log's next first dirty offset, once all replacements are in place
 * @param bytesBefore of the segments that were read
 * @param bytesAfter of those that take their place
 */
public record CompactionResult(List<Replacement> replacements, long cleanedTo, long bytesBefore, long bytesAfter) {

    /**
     * A cleaned segment and those it stands for.
     *
     * @param baseOffset of the cleaned segment: that of the first it replaces
     * @param replaced base offsets, rising, at least one
     * @param endOffset exclusive: that of the last it replaces
     * @param sizeBytes of its records; may be 0
     */
    public record Replacement(long baseOffset, List<Long> replaced, long endOffset, long sizeBytes) {

        public Replacement {
            replaced = List.copyOf(replaced);
            if (replaced.isEmpty() || replaced.getFirst() != baseOffset) {
                throw new IllegalArgumentException("segment " + baseOffset + " cannot replace " + replaced);
            }
        }

        /**
         * Whether the log still has all the segments replaced, and next to each other: not so if retention took some of them
         * meanwhile, and then the cleaned segment must not bring them back.
         *
         * @param sealed the base offsets of the log's sealed segments, rising
         */
        public boolean fits(List<Long> sealed) {
            int first = sealed.indexOf(baseOffset);
            return first >= 0
                    && first + replaced.size() <= sealed.size()
                    && sealed.subList(first, first + replaced.size()).equals(replaced);
        }
    }

    public CompactionResult {
        replacements = List.copyOf(replacements);
    }
}
