// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

/**
 * Where a subscriber is in a partition: all there is to know to go on from there, on any node.
 *
 * @param offset of the next record
 * @param leaderEpoch of the last record before it, or -1 if unknown; tells a log that was cut back and grew again from the one that was read
 */
public record Position(long offset, int leaderEpoch) {

    public static final int NO_EPOCH = -1;

    public static Position at(long offset) {
        return new Position(offset, NO_EPOCH);
    }
}
