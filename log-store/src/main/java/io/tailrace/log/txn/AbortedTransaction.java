// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.txn;

import java.nio.ByteBuffer;

/**
 * One entry of a transaction index ({@code .txnindex}), byte for byte Kafka's. Big-endian:
 *
 * <pre>
 *  at  size  field
 *   0     2  version, 0
 *   2     8  producer id
 *  10     8  first offset: of the transaction in this partition
 *  18     8  last offset: of its abort marker, inclusive
 *  26     8  last stable offset at the time the marker was appended
 * </pre>
 *
 * @param producerId whose transaction it was
 * @param firstOffset of the first record of the transaction
 * @param lastOffset of the abort marker, inclusive
 * @param lastStableOffset all below is decided without looking at later entries; rises from entry to entry, which is what
 *     lets a lookup stop
 */
public record AbortedTransaction(long producerId, long firstOffset, long lastOffset, long lastStableOffset) {

    /** Bytes of an entry. */
    public static final int BYTES = 34;

    private static final short VERSION = 0;

    /** Writes the entry at the buffer's position, which moves on by {@link #BYTES}. */
    public void writeTo(ByteBuffer target) {
        target.putShort(VERSION)
                .putLong(producerId)
                .putLong(firstOffset)
                .putLong(lastOffset)
                .putLong(lastStableOffset);
    }

    /**
     * Reads the entry at the buffer's position, which moves on by {@link #BYTES}.
     *
     * @throws CorruptIndexException if the version is unknown or the offsets cannot be
     */
    static AbortedTransaction readFrom(ByteBuffer source) throws CorruptIndexException {
        short version = source.getShort();
        if (version != VERSION) {
            throw new CorruptIndexException("entry of unknown version " + version);
        }
        var entry = new AbortedTransaction(source.getLong(), source.getLong(), source.getLong(), source.getLong());
        if (entry.firstOffset < 0 || entry.lastOffset < entry.firstOffset) {
            throw new CorruptIndexException("impossible entry " + entry);
        }
        return entry;
    }
}
