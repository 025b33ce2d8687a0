// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

/**
 * Some records of a partition in offset order, encoded once for all that get them.
 *
 * @param from where the reading began
 * @param next where to go on; further than the last record if what follows it is for nobody (markers, aborted or compacted records)
 * @param recordCount may be 0 although {@code next} moved on
 * @param bytes of keys, values and headers; of batches that are sent as they are stored, their own
 * @param body the encoded records; the machine does not look at it
 */
public record Chunk<B>(Position from, Position next, int recordCount, long bytes, B body) {

    public boolean isEmpty() {
        return recordCount == 0;
    }
}
