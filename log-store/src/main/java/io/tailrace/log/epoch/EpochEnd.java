// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.epoch;

/**
 * The answer to OffsetForLeaderEpoch: the largest known epoch that is not above the requested one, and where it ends.
 *
 * @param epoch -1 when nothing is known
 * @param endOffset exclusive; -1 when nothing is known
 */
public record EpochEnd(int epoch, long endOffset) {

    public static final int UNDEFINED_EPOCH = -1;
    public static final long UNDEFINED_OFFSET = -1;
    public static final EpochEnd UNDEFINED = new EpochEnd(UNDEFINED_EPOCH, UNDEFINED_OFFSET);

    public boolean isDefined() {
        return epoch != UNDEFINED_EPOCH;
    }
}
