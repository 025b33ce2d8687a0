// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.epoch;

/**
 * An epoch and the offset of the first record it may write.
 *
 * @param epoch at least 0
 * @param startOffset at least 0
 */
public record EpochStart(int epoch, long startOffset) {

    public EpochStart {
        if (epoch < 0 || startOffset < 0) {
            throw new IllegalArgumentException("epoch " + epoch + " at offset " + startOffset + " is negative");
        }
    }
}
