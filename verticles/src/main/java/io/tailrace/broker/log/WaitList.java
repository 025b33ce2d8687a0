// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import java.util.Arrays;

/**
 * The reads that wait at one partition. Adding and removing cost the same however many wait: a removed read's place is taken by the last one.
 */
final class WaitList {

    private ParkedRead[] reads = new ParkedRead[2];
    private int[] parts = new int[2];
    private int size;

    int size() {
        return size;
    }

    ParkedRead read(int place) {
        return reads[place];
    }

    /** Adds part number {@code part} of a read; returns its place, which {@link ParkedRead#moved} corrects later. */
    int add(ParkedRead read, int part) {
        if (size == reads.length) {
            reads = Arrays.copyOf(reads, size * 2);
            parts = Arrays.copyOf(parts, size * 2);
        }
        reads[size] = read;
        parts[size] = part;
        return size++;
    }

    @SuppressWarnings("NullAway") // places at and above size are never read
    void remove(int place) {
        size--;
        if (place < size) {
            reads[place] = reads[size];
            parts[place] = parts[size];
            reads[place].moved(parts[place], place);
        }
        reads[size] = null;
    }
}
