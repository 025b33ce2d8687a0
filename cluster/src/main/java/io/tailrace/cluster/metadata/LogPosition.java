// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

/**
 * Where an entry stands in the metadata log.
 *
 * @param term of the leader that wrote it
 * @param index from 0, dense
 */
public record LogPosition(long term, long index) {

    /** Before the first entry. */
    public static final LogPosition START = new LogPosition(0, -1);
}
