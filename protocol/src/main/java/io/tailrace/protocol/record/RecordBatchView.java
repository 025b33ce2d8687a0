// SPDX-License-Identifier: Apache-2.0
package io.tailrace.protocol.record;

import static io.tailrace.protocol.record.BatchLayout.*;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;

/**
 * A reusable window over one record batch (format v2) where it lies, in a heap or direct buffer; {@link BatchLayout} has
 * the byte table.
 *
 * <p>One view serves any number of batches: {@link #over} binds it to a buffer, {@link #next} moves from batch to batch.
 * Neither allocates, nor do they move the buffer's position or limit. {@link #at} looks at a single header, which is
 * enough for every accessor but {@link #computeCrc} and {@link #slice}.
 *
 * <p>Nothing is checked here but that a batch lies within the bytes at hand: what a stranger sent goes through
 * {@link BatchChecks} first. The setters write into the buffer. Not thread-safe: a view belongs to one thread.
 *
 * <pre>{@code
 * view.over(buffer);
 * while (view.next()) {
 *     use(view.baseOffset(), view.lastOffset());
 * }
 * boolean torn = view.nextPosition() < buffer.limit();
 * }</pre>
 */
public final class RecordBatchView {

    /** Producer id, epoch and sequence of a batch that has none. */
    public static final long NO_PRODUCER_ID = -1;

    public static final short NO_PRODUCER_EPOCH = -1;
    public static final int NO_SEQUENCE = -1;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final CRC32C crc = new CRC32C();
    private ByteBuffer buffer = NOTHING;
    private int position;
    private int nextPosition;
    private int end;

    /** Binds this view to the bytes from position to limit of {@code buffer}, before their first batch. */
    public RecordBatchView over(ByteBuffer buffer) {
        return over(buffer, buffer.position(), buffer.limit());
    }

    /** Binds this view to the bytes {@code [fromInclusive, toExclusive)} of {@code buffer}, before their first batch. */
    public RecordBatchView over(ByteBuffer buffer, int fromInclusive, int toExclusive) {
        this.buffer = buffer;
        this.position = fromInclusive;
        this.nextPosition = fromInclusive;
        this.end = toExclusive;
        return this;
    }

    /**
     * Puts this view on the header that starts at {@code position}. The header has to be there in full; the records need
     * not be.
     */
    public RecordBatchView at(ByteBuffer buffer, int position) {
        this.buffer = buffer;
        this.position = position;
        this.end = buffer.limit();
        this.nextPosition = position + sizeInBytes();
        return this;
    }

    /** Lets go of the buffer, so that an idle view does not keep it alive. */
    public void clear() {
        over(NOTHING);
    }

    /**
     * Moves to the next batch.
     *
     * @return false when no whole batch is left: less than its header, less than its length says, or a length too small to
     *     be a batch. {@link #nextPosition} then tells where the sound bytes end.
     */
    public boolean next() {
        int start = nextPosition;
        if (end - start < HEADER_BYTES) {
            return false;
        }
        int length = buffer.getInt(start + LENGTH);
        if (length < HEADER_BYTES - PREFIX_BYTES || length > end - start - PREFIX_BYTES) {
            return false;
        }
        position = start;
        nextPosition = start + PREFIX_BYTES + length;
        return true;
    }

    /** The buffer this view is bound to. */
    public ByteBuffer buffer() {
        return buffer;
    }

    /** Where in the buffer the batch starts. */
    public int position() {
        return position;
    }

    /** Where in the buffer the batch after this one starts, or the iteration stopped. */
    public int nextPosition() {
        return nextPosition;
    }

    /** Whether bytes are left that {@link #next} did not take for a batch. */
    public boolean hasRemainder() {
        return nextPosition < end;
    }

    /** The batch as a buffer of its own over the same bytes; allocates the buffer object. */
    public ByteBuffer slice() {
        return buffer.slice(position, sizeInBytes());
    }

    public long baseOffset() {
        return buffer.getLong(position + BASE_OFFSET);
    }

    /** Inclusive. */
    public long lastOffset() {
        return baseOffset() + lastOffsetDelta();
    }

    /** The end offset of the batch: the first offset after it. */
    public long nextOffset() {
        return lastOffset() + 1;
    }

    /** Bytes of the whole batch, header included. */
    public int sizeInBytes() {
        return PREFIX_BYTES + buffer.getInt(position + LENGTH);
    }

    public int partitionLeaderEpoch() {
        return buffer.getInt(position + PARTITION_LEADER_EPOCH);
    }

    public byte magic() {
        return buffer.get(position + MAGIC);
    }

    /** The CRC-32C as written in the header, as an unsigned number. */
    public long crc() {
        return buffer.getInt(position + CRC) & 0xFFFF_FFFFL;
    }

    public short attributes() {
        return buffer.getShort(position + ATTRIBUTES);
    }

    /** The number in the compression bits; 0 is none, 1 gzip, 2 snappy, 3 lz4, 4 zstd, above that unknown. */
    public int compressionId() {
        return attributes() & COMPRESSION_MASK;
    }

    /** The codec; to be asked only of a checked batch, as an unknown number has none. */
    public CompressionType compression() {
        return CompressionType.forId(compressionId());
    }

    public boolean isCompressed() {
        return compressionId() != 0;
    }

    public TimestampType timestampType() {
        return (attributes() & TIMESTAMP_TYPE_MASK) == 0 ? TimestampType.CREATE_TIME : TimestampType.LOG_APPEND_TIME;
    }

    public boolean isTransactional() {
        return (attributes() & TRANSACTIONAL_MASK) != 0;
    }

    public boolean isControl() {
        return (attributes() & CONTROL_MASK) != 0;
    }

    /** Whether {@link #baseTimestamp} holds the time after which the cleaner may drop tombstones and markers (KIP-534). */
    public boolean hasDeleteHorizon() {
        return (attributes() & DELETE_HORIZON_MASK) != 0;
    }

    public int lastOffsetDelta() {
        return buffer.getInt(position + LAST_OFFSET_DELTA);
    }

    /** The base timestamp, or the delete horizon where {@link #hasDeleteHorizon} is set; ms since 1970. */
    public long baseTimestamp() {
        return buffer.getLong(position + BASE_TIMESTAMP);
    }

    /** The greatest timestamp of the batch, ms since 1970, or -1. */
    public long maxTimestamp() {
        return buffer.getLong(position + MAX_TIMESTAMP);
    }

    public long producerId() {
        return buffer.getLong(position + PRODUCER_ID);
    }

    public boolean hasProducerId() {
        return producerId() != NO_PRODUCER_ID;
    }

    public short producerEpoch() {
        return buffer.getShort(position + PRODUCER_EPOCH);
    }

    public int baseSequence() {
        return buffer.getInt(position + BASE_SEQUENCE);
    }

    public boolean hasSequence() {
        return baseSequence() != NO_SEQUENCE;
    }

    /** Sequence of the last record; sequences wrap from 2^31 - 1 to 0. -1 when the batch has none. */
    public int lastSequence() {
        int base = baseSequence();
        return base == NO_SEQUENCE ? NO_SEQUENCE : (base + lastOffsetDelta()) & Integer.MAX_VALUE;
    }

    /** The records the header declares; compaction leaves fewer than {@link #lastOffsetDelta} + 1. */
    public int recordCount() {
        return buffer.getInt(position + RECORD_COUNT);
    }

    /** Gives the batch its place in the log; the CRC does not cover it. */
    public void setBaseOffset(long baseOffset) {
        buffer.putLong(position + BASE_OFFSET, baseOffset);
    }

    /** Stamps the batch with the epoch of the leader that appends it; the CRC does not cover it. */
    public void setPartitionLeaderEpoch(int leaderEpoch) {
        buffer.putInt(position + PARTITION_LEADER_EPOCH, leaderEpoch);
    }

    /**
     * Sets the greatest timestamp and who gave it. The CRC is computed again only if that changes a byte.
     *
     * @return whether it did
     */
    public boolean setMaxTimestamp(TimestampType type, long maxTimestamp) {
        short before = attributes();
        short after = (short)
                (type == TimestampType.LOG_APPEND_TIME ? before | TIMESTAMP_TYPE_MASK : before & ~TIMESTAMP_TYPE_MASK);
        if (before == after && maxTimestamp() == maxTimestamp) {
            return false;
        }
        buffer.putShort(position + ATTRIBUTES, after);
        buffer.putLong(position + MAX_TIMESTAMP, maxTimestamp);
        buffer.putInt(position + CRC, (int) computeCrc());
        return true;
    }

    /** Computes the CRC-32C of the bytes as they are now, without copying them; the whole batch has to be in the buffer. */
    public long computeCrc() {
        int savedPosition = buffer.position();
        int savedLimit = buffer.limit();
        try {
            buffer.limit(position + sizeInBytes()).position(position + ATTRIBUTES);
            crc.reset();
            crc.update(buffer);
            return crc.getValue();
        } finally {
            buffer.limit(savedLimit).position(savedPosition);
        }
    }

    @Override
    public String toString() {
        return buffer.limit() - position < HEADER_BYTES
                ? "RecordBatchView[at no batch]"
                : "RecordBatchView[offsets %d..%d, %d bytes, leader epoch %d, producer %d/%d/%d%s%s]"
                        .formatted(
                                baseOffset(),
                                lastOffset(),
                                sizeInBytes(),
                                partitionLeaderEpoch(),
                                producerId(),
                                producerEpoch(),
                                baseSequence(),
                                isTransactional() ? ", transactional" : "",
                                isControl() ? ", control" : "");
    }
}
