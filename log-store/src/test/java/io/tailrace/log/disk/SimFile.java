// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.disk;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;

/** The bytes of one simulated file: what the process sees, what is on the platter, and which blocks differ. */
final class SimFile {

    static final int BLOCK_BYTES = 512;

    byte[] bytes = new byte[0];
    int size;
    private byte[] durable = new byte[0];
    private int durableSize;
    private BitSet dirty = new BitSet();

    void write(int position, byte[] source, int length) {
        ensure(position + length);
        System.arraycopy(source, 0, bytes, position, length);
        size = Math.max(size, position + length);
        if (length > 0) {
            dirty.set(position / BLOCK_BYTES, (position + length - 1) / BLOCK_BYTES + 1);
        }
    }

    void truncate(int newSize) {
        if (newSize < size) {
            Arrays.fill(bytes, newSize, size, (byte) 0);
            dirty.set(newSize / BLOCK_BYTES, (size - 1) / BLOCK_BYTES + 1);
            size = newSize;
        }
    }

    void sync() {
        durable = Arrays.copyOf(bytes, size);
        durableSize = size;
        dirty = new BitSet();
    }

    /** A sync that fails: the kernel drops the pages and calls them clean, so that a second sync would "succeed". */
    void failSync() {
        dirty = new BitSet();
    }

    /** What is there after a power cut: the durable bytes, and of the rest whatever the device had got to. */
    SimFile afterCrash(Random random) {
        SimFile after = new SimFile();
        int low = Math.min(size, durableSize);
        int high = Math.max(size, durableSize);
        if (size < durableSize) {
            after.size = random.nextBoolean() ? low : high;
        } else {
            after.size = low + random.nextInt(high - low + 1);
        }
        after.bytes = Arrays.copyOf(Arrays.copyOf(durable, durableSize), after.size);
        int survival = random.nextInt(4); // 0: none of the blocks, 3: all of them
        for (int block = dirty.nextSetBit(0); block >= 0; block = dirty.nextSetBit(block + 1)) {
            int from = block * BLOCK_BYTES;
            int to = Math.min(from + BLOCK_BYTES, Math.min(after.size, size));
            if (from < to && (survival == 3 || (survival > 0 && random.nextInt(3) < survival))) {
                System.arraycopy(bytes, from, after.bytes, from, to - from);
            }
        }
        after.sync();
        return after;
    }

    private void ensure(int capacity) {
        if (bytes.length < capacity) {
            bytes = Arrays.copyOf(bytes, Math.max(capacity, bytes.length * 2));
        }
    }
}
