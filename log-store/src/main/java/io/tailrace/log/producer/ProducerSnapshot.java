// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.producer;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The bytes of a {@code .snapshot} file, Kafka's to the byte. Big-endian:
 *
 * <pre>
 *  at  size  field
 *   0     2  version, 1
 *   2     4  CRC-32C of bytes 6 to the end
 *   6     4  number of entries
 *  10    46  each entry:
 *             0  8  producer id
 *             8  2  epoch
 *            10  4  last sequence
 *            14  8  last offset, -1 when no batch is known
 *            22  4  last offset - first offset of the last batch
 *            26  8  timestamp of the last batch or marker
 *            34  4  coordinator epoch, -1 when no marker is known
 *            38  8  first offset of the ongoing transaction, -1 when there is none
 * </pre>
 *
 * <p>The file is named by the offset it was made at and holds what the batches below it say. Entries
 * are in the order of their ids, so that equal states have equal bytes.
 */
public final class ProducerSnapshot {

    private static final short VERSION = 1;
    private static final int CRC_AT = 2;
    private static final int ENTRIES_AT = 6;
    private static final int HEADER_BYTES = 10;
    private static final int ENTRY_BYTES = 46;

    private ProducerSnapshot() {}

    /** The content of the file, to be written durably. */
    public static ByteBuffer encode(Collection<ProducerDescription> producers) {
        ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES + producers.size() * ENTRY_BYTES);
        bytes.putShort(VERSION).putInt(0).putInt(producers.size());
        for (ProducerDescription producer : producers) {
            bytes.putLong(producer.producerId())
                    .putShort(producer.epoch())
                    .putInt(producer.lastSequence())
                    .putLong(producer.lastOffset())
                    .putInt(producer.offsetDelta())
                    .putLong(producer.lastTimestamp())
                    .putInt(producer.coordinatorEpoch())
                    .putLong(producer.transactionFirstOffset());
        }
        bytes.flip();
        bytes.putInt(CRC_AT, crc(bytes));
        return bytes;
    }

    /**
     * Reads a file's content from position to limit.
     *
     * @throws CorruptSnapshotException if it is torn, changed or of another version
     */
    public static List<ProducerDescription> decode(ByteBuffer content) throws CorruptSnapshotException {
        ByteBuffer bytes = content.slice();
        if (bytes.remaining() < HEADER_BYTES) {
            throw new CorruptSnapshotException("it has " + bytes.remaining() + " bytes, less than its header");
        }
        short version = bytes.getShort(0);
        if (version != VERSION) {
            throw new CorruptSnapshotException("its version is " + version + ", only " + VERSION + " is known");
        }
        if (bytes.getInt(CRC_AT) != crc(bytes)) {
            throw new CorruptSnapshotException("its CRC-32C does not match");
        }
        int count = bytes.getInt(ENTRIES_AT);
        if (count < 0 || bytes.remaining() != HEADER_BYTES + (long) count * ENTRY_BYTES) {
            throw new CorruptSnapshotException("it declares " + count + " entries in " + bytes.remaining() + " bytes");
        }
        bytes.position(HEADER_BYTES);
        var producers = new ArrayList<ProducerDescription>(count);
        for (int i = 0; i < count; i++) {
            producers.add(new ProducerDescription(
                    bytes.getLong(),
                    bytes.getShort(),
                    bytes.getInt(),
                    bytes.getLong(),
                    bytes.getInt(),
                    bytes.getLong(),
                    bytes.getInt(),
                    bytes.getLong()));
        }
        return producers;
    }

    private static int crc(ByteBuffer bytes) {
        var crc = new CRC32C();
        crc.update(bytes.slice(ENTRIES_AT, bytes.limit() - ENTRIES_AT));
        return (int) crc.getValue();
    }
}
