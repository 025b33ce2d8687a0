// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.scrub;

import static io.tailrace.protocol.record.BatchLayout.ATTRIBUTES;
import static io.tailrace.protocol.record.BatchLayout.BASE_OFFSET;
import static io.tailrace.protocol.record.BatchLayout.CRC;
import static io.tailrace.protocol.record.BatchLayout.CURRENT_MAGIC;
import static io.tailrace.protocol.record.BatchLayout.HEADER_BYTES;
import static io.tailrace.protocol.record.BatchLayout.LAST_OFFSET_DELTA;
import static io.tailrace.protocol.record.BatchLayout.LENGTH;
import static io.tailrace.protocol.record.BatchLayout.MAGIC;
import static io.tailrace.protocol.record.BatchLayout.PARTITION_LEADER_EPOCH;
import static io.tailrace.protocol.record.BatchLayout.PREFIX_BYTES;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Checks batches as their bytes come by, without ever holding one. What holds from batch to batch is kept from segment to segment. */
final class BatchStream {

    private final CRC32C crc = new CRC32C();
    private long offset;
    private long ceiling;
    private int epoch = -1;
    private int bytesLeft;
    private int expectedCrc;

    /** Where the batch that is being looked at begins, relative to the chunk; below 0 if it began in an earlier one. */
    private long began;

    /**
     * A segment begins.
     *
     * @param baseOffset of it; no batch begins below
     * @param endOffset exclusive: where the next segment begins
     */
    void begin(long baseOffset, long endOffset) {
        offset = Math.max(offset, baseOffset);
        ceiling = endOffset;
        bytesLeft = 0;
    }

    long batchBegan() {
        return began;
    }

    /**
     * Takes the next bytes of the segment, as many as it can; an incomplete header is left for the next time.
     *
     * @param last whether the segment has no more
     * @return what is wrong, or null
     */
    @Nullable
    String take(ByteBuffer bytes, boolean last) {
        if (bytesLeft == 0) {
            began = 0;
        }
        int start = bytes.position();
        while (bytes.hasRemaining()) {
            if (bytesLeft == 0) {
                if (bytes.remaining() < HEADER_BYTES) {
                    return last ? "a batch is torn" : null;
                }
                began = (long) bytes.position() - start;
                String wrong = header(bytes);
                if (wrong != null) {
                    return wrong;
                }
            }
            int taken = Math.min(bytesLeft, bytes.remaining());
            crc.update(bytes.slice(bytes.position(), taken));
            bytes.position(bytes.position() + taken);
            bytesLeft -= taken;
            if (bytesLeft == 0 && (int) crc.getValue() != expectedCrc) {
                return "a batch does not match its CRC";
            }
        }
        if (last && bytesLeft > 0) {
            return "a batch is torn";
        }
        began -= (long) bytes.position() - start;
        return null;
    }

    /** Leaves the position where the CRC begins. */
    private @Nullable String header(ByteBuffer bytes) {
        int at = bytes.position();
        long baseOffset = bytes.getLong(at + BASE_OFFSET);
        int length = bytes.getInt(at + LENGTH);
        int batchEpoch = bytes.getInt(at + PARTITION_LEADER_EPOCH);
        int delta = bytes.getInt(at + LAST_OFFSET_DELTA);
        if (bytes.get(at + MAGIC) != CURRENT_MAGIC || length < HEADER_BYTES - PREFIX_BYTES) {
            return "no batch begins";
        }
        if (delta < 0 || baseOffset < offset || baseOffset + delta >= ceiling) {
            return "offsets " + baseOffset + " to " + (baseOffset + delta) + " are not in " + offset + " to " + ceiling;
        }
        if (batchEpoch < epoch) {
            return "leader epoch " + batchEpoch + " comes after " + epoch;
        }
        offset = baseOffset + delta + 1;
        epoch = batchEpoch;
        expectedCrc = bytes.getInt(at + CRC);
        crc.reset();
        bytes.position(at + ATTRIBUTES);
        bytesLeft = PREFIX_BYTES + length - ATTRIBUTES;
        return null;
    }
}
