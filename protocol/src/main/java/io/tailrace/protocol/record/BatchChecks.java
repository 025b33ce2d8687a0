// SPDX-License-Identifier: Apache-2.0
package io.tailrace.protocol.record;

import static io.tailrace.protocol.record.BatchLayout.*;

import java.nio.ByteBuffer;

/**
 * What has to be true of a batch's bytes before anything in them is believed. Outcomes are values; nothing is thrown and
 * nothing is allocated, whatever the bytes are.
 */
public final class BatchChecks {

    private static final int MAX_COMPRESSION_ID = 4;

    private BatchChecks() {}

    /**
     * Whether a whole batch of our format starts at {@code position} and ends before {@code end}: length and magic. To be
     * asked before a {@link RecordBatchView} moves on, which only says that it could not.
     */
    public static BatchVerdict framing(ByteBuffer buffer, int position, int end) {
        if (end - position < MAGIC_PREFIX_BYTES) {
            return BatchVerdict.TRUNCATED;
        }
        byte magic = buffer.get(position + MAGIC);
        if (magic == 0 || magic == 1) {
            return BatchVerdict.OLD_MAGIC;
        }
        if (magic != CURRENT_MAGIC) {
            return BatchVerdict.UNKNOWN_MAGIC;
        }
        int length = buffer.getInt(position + LENGTH);
        if (length < HEADER_BYTES - PREFIX_BYTES) {
            return BatchVerdict.BAD_LENGTH;
        }
        return length > end - position - PREFIX_BYTES ? BatchVerdict.TRUNCATED : BatchVerdict.VALID;
    }

    /** Magic, compression and CRC-32C: what holds of every batch in a log, compacted or not. */
    public static BatchVerdict integrity(RecordBatchView batch) {
        byte magic = batch.magic();
        if (magic != CURRENT_MAGIC) {
            return magic == 0 || magic == 1 ? BatchVerdict.OLD_MAGIC : BatchVerdict.UNKNOWN_MAGIC;
        }
        if (batch.crc() != batch.computeCrc()) {
            return BatchVerdict.BAD_CRC;
        }
        if (batch.compressionId() > MAX_COMPRESSION_ID) {
            return BatchVerdict.UNKNOWN_COMPRESSION;
        }
        // Compaction removes records and keeps the delta: fewer are fine, more are not.
        boolean plausible = batch.lastOffsetDelta() >= 0
                && batch.recordCount() >= 0
                && batch.recordCount() <= batch.lastOffsetDelta() + 1L;
        return plausible ? BatchVerdict.VALID : BatchVerdict.BAD_COUNT;
    }

    /** {@link #integrity}, and what holds of a batch fresh from its producer: it has records, and no gap between them. */
    public static BatchVerdict produced(RecordBatchView batch) {
        BatchVerdict verdict = integrity(batch);
        if (verdict != BatchVerdict.VALID) {
            return verdict;
        }
        int count = batch.recordCount();
        return count > 0 && batch.lastOffsetDelta() == count - 1 ? BatchVerdict.VALID : BatchVerdict.BAD_COUNT;
    }
}
