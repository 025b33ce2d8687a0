// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.coordinator;

import org.jspecify.annotations.Nullable;

/**
 * A record's key and value as they go into a record batch.
 *
 * @param value null for a tombstone
 */
@SuppressWarnings("ArrayRecordComponent")
public record EncodedRecord(byte[] key, byte @Nullable [] value) {

    /** What a record costs in a batch beyond its key and value: length, attributes, deltas, header count; an upper bound. */
    private static final int OVERHEAD_BYTES = 32;

    /** Upper bound of the bytes that this record adds to a batch. */
    public int sizeBytes() {
        return OVERHEAD_BYTES + key.length + (value == null ? 0 : value.length);
    }
}
