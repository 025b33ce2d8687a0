// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.journal;

import io.tailrace.protocol.record.RecordBatchView;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.kafka.common.Uuid;

/**
 * What one turn appended to one partition. Its batches stay on disk until they are asked for: mostly the segments have them. Big-endian:
 *
 * <pre>
 *  at  size  field
 *   0     4  length of the whole entry in bytes
 *   4     4  CRC-32C of bytes 8 to the end
 *   8     8  sequence: rises by one from entry to entry, and by a leap with every start of the node
 *  16    16  topic id
 *  32     4  partition
 *  36     8  start offset: the log's end before the append
 *  44     8  end offset (exclusive): the log's end after it
 *  52     -  the record batches, as in the segment
 * </pre>
 *
 * <p>Files are overwritten in place when all that they hold is synced in segments. What an earlier lap left behind the last
 * entry is told from a next one by its sequence.
 *
 * @param source reads the batches
 */
public record JournalEntry(
        long sequence, Uuid topicId, int partition, long startOffset, long endOffset, Source source) {

    /** Where the bytes of an entry are. */
    @FunctionalInterface
    interface Source {

        /** The record batches, from position 0 to limit. */
        ByteBuffer read();
    }

    static final int HEADER_BYTES = 52;

    private static final int CRC_AT = 4;
    private static final int SEQUENCE_AT = 8;

    /** The batches that do not lie below {@code offset}, from position 0 to limit. */
    public ByteBuffer batchesFrom(long offset) {
        ByteBuffer batches = source.read();
        RecordBatchView view = new RecordBatchView().over(batches);
        int from = 0;
        while (view.next() && view.baseOffset() < offset) {
            from = view.nextPosition();
        }
        return batches.slice(from, batches.limit() - from);
    }

    /** Writes the header of an entry to {@code header}, from position to position + {@link #HEADER_BYTES}. */
    static void writeHeader(
            ByteBuffer header,
            long sequence,
            Uuid topicId,
            int partition,
            long startOffset,
            long endOffset,
            List<ByteBuffer> batches,
            CRC32C crc) {
        int start = header.position();
        int length = HEADER_BYTES;
        for (ByteBuffer batch : batches) {
            length += batch.limit();
        }
        header.putInt(length).putInt(0).putLong(sequence);
        header.putLong(topicId.getMostSignificantBits()).putLong(topicId.getLeastSignificantBits());
        header.putInt(partition).putLong(startOffset).putLong(endOffset);
        crc.reset();
        crc.update(header.slice(start + SEQUENCE_AT, HEADER_BYTES - SEQUENCE_AT));
        for (ByteBuffer batch : batches) {
            crc.update(batch.rewind()); // the segment's write has consumed it
            batch.rewind();
        }
        header.putInt(start + CRC_AT, (int) crc.getValue());
    }

    /** The length of the sound entry with at least that sequence at the position; 0 if there is none. */
    static int soundLength(ByteBuffer file, int position, long minSequence, CRC32C crc) {
        if (file.limit() - position < HEADER_BYTES) {
            return 0;
        }
        int length = file.getInt(position);
        if (length < HEADER_BYTES
                || length > file.limit() - position
                || file.getLong(position + SEQUENCE_AT) < minSequence) {
            return 0;
        }
        crc.reset();
        crc.update(file.slice(position + SEQUENCE_AT, length - SEQUENCE_AT));
        return (int) crc.getValue() == file.getInt(position + CRC_AT) ? length : 0;
    }

    static JournalEntry read(ByteBuffer file, int position, Source source) {
        return new JournalEntry(
                file.getLong(position + 8),
                new Uuid(file.getLong(position + 16), file.getLong(position + 24)),
                file.getInt(position + 32),
                file.getLong(position + 36),
                file.getLong(position + 44),
                source);
    }
}
