// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.compaction;

import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The last offset of each key of the dirty part of a log, in memory that is given once and never grows.
 *
 * <p>A slot has 24 bytes: the first 16 of the key's SHA-256, and the offset. Keys themselves are not kept: they may be of any
 * length, and a map of exact keys is bounded by nothing. Two keys with equal hashes would be taken for one and the older
 * record lost. By chance that is a matter of 2^64 keys; on purpose it is not feasible either, which is why this is not MD5.
 *
 * <p>Off the heap, which is small. Open addressing with linear probing, filled to 9/10 at most: an unsuccessful search then looks at some fifty slots, in
 * memory order. Not thread-safe; one worker owns a map and clears it between passes.
 */
public final class OffsetMap {

    /** Bytes of a slot. */
    public static final int SLOT_BYTES = 24;

    private static final double LOAD_FACTOR = 0.9;
    private static final int LONGS = 3;
    private static final int DIGEST_BYTES = 32;

    /** Three longs a slot: hash, hash, offset + 1; a third long of 0 marks a free slot. */
    private final LongBuffer slots;

    private final int slotCount;
    private final int capacity;
    private final MessageDigest digest;
    private final byte[] hash = new byte[DIGEST_BYTES];
    private final ByteBuffer hashView = ByteBuffer.wrap(hash);
    private int size;
    private long endOffset;

    /** How much memory a map for that many keys takes; not more than {@code maxBytes}, even if it then has no room for them. */
    public static int memoryFor(long keys, int maxBytes) {
        double wanted = (keys / LOAD_FACTOR + 2) * SLOT_BYTES;
        return (int) Math.min(maxBytes, Math.ceil(wanted));
    }

    /** @param memoryBytes what the map may take, off the heap; at least {@link #SLOT_BYTES} twice */
    public OffsetMap(int memoryBytes) {
        slotCount = memoryBytes / SLOT_BYTES;
        capacity = (int) (slotCount * LOAD_FACTOR);
        if (capacity < 1) {
            throw new IllegalArgumentException("no key fits into " + memoryBytes + " bytes");
        }
        slots = ByteBuffer.allocateDirect(slotCount * SLOT_BYTES).asLongBuffer();
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Forgets all keys; offsets below {@code startOffset} are not covered. */
    public void clear(long startOffset) {
        for (int at = 2; at < slots.capacity(); at += LONGS) {
            slots.put(at, 0);
        }
        size = 0;
        endOffset = startOffset;
    }

    /**
     * Notes that {@code key} was written at {@code offset}, which is greater than those noted before.
     *
     * @return false if the key is new and the map is full
     */
    public boolean put(ByteBuffer key, long offset) {
        int at = find(key);
        if (slots.get(at + 2) == 0) {
            if (size == capacity) {
                return false;
            }
            slots.put(at, hashView.getLong(0)).put(at + 1, hashView.getLong(8));
            size++;
        }
        slots.put(at + 2, offset + 1);
        return true;
    }

    /** The last offset of {@code key}, or -1. */
    public long get(ByteBuffer key) {
        return slots.get(find(key) + 2) - 1;
    }

    /** Where the key's slot begins, or the free slot it would take. */
    private int find(ByteBuffer key) {
        int savedPosition = key.position();
        digest.update(key);
        key.position(savedPosition);
        try {
            digest.digest(hash, 0, DIGEST_BYTES);
        } catch (DigestException e) {
            throw new IllegalStateException("SHA-256 has " + DIGEST_BYTES + " bytes", e);
        }
        long first = hashView.getLong(0);
        long second = hashView.getLong(8);
        int slot = (int) Math.floorMod(first ^ second, (long) slotCount);
        while (true) {
            int at = slot * LONGS;
            if (slots.get(at + 2) == 0 || (slots.get(at) == first && slots.get(at + 1) == second)) {
                return at;
            }
            slot = slot + 1 == slotCount ? 0 : slot + 1;
        }
    }

    /** All keys of records below this offset (exclusive) are in the map; records above are not to be judged by it. */
    public long endOffset() {
        return endOffset;
    }

    void coverTo(long offset) {
        endOffset = Math.max(endOffset, offset);
    }

    public int size() {
        return size;
    }

    public int memoryBytes() {
        return slotCount * SLOT_BYTES;
    }

    /** How many keys fit. */
    public int capacity() {
        return capacity;
    }
}
