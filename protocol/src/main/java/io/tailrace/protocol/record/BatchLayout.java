// SPDX-License-Identifier: Apache-2.0
package io.tailrace.protocol.record;

/**
 * Where the fields of a record batch (format v2) lie.
 *
 * <p>All numbers are big-endian. The CRC-32C covers everything from the attributes to the end of the batch, so the base
 * offset, the length and the partition leader epoch, which the broker fills in, can be set without computing it again.
 *
 * <pre>
 *  at  size  field
 *   0     8  base offset: the offset of the first record that was written (kept by compaction)
 *   8     4  length in bytes of all that follows this field
 *  12     4  partition leader epoch, -1 from a producer
 *  16     1  magic, here always 2
 *  17     4  CRC-32C of bytes 21 to the end
 *  21     2  attributes: bits 0-2 compression, 3 timestamp type, 4 transactional, 5 control, 6 delete horizon set
 *  23     4  last offset delta: last offset - base offset
 *  27     8  base timestamp; with attribute bit 6, the delete horizon of KIP-534 instead
 *  35     8  max timestamp
 *  43     8  producer id, -1 when there is none
 *  51     2  producer epoch, -1 when there is none
 *  53     4  base sequence, -1 when there is none
 *  57     4  record count
 *  61     -  the records, compressed as one block when bits 0-2 say so
 * </pre>
 *
 * <p>Source: the Kafka protocol guide, KIP-98 and KIP-534. Magic 0 and 1 keep their magic byte in the same place, which is
 * why it can be read before anything else is trusted.
 */
public final class BatchLayout {

    public static final int BASE_OFFSET = 0;
    public static final int LENGTH = 8;
    public static final int PARTITION_LEADER_EPOCH = 12;
    public static final int MAGIC = 16;
    public static final int CRC = 17;
    public static final int ATTRIBUTES = 21;
    public static final int LAST_OFFSET_DELTA = 23;
    public static final int BASE_TIMESTAMP = 27;
    public static final int MAX_TIMESTAMP = 35;
    public static final int PRODUCER_ID = 43;
    public static final int PRODUCER_EPOCH = 51;
    public static final int BASE_SEQUENCE = 53;
    public static final int RECORD_COUNT = 57;

    /** Bytes of a batch header; a batch without records has exactly this size. */
    public static final int HEADER_BYTES = 61;

    /** Bytes before the length field counts: base offset and the length itself. */
    public static final int PREFIX_BYTES = 12;

    /** Bytes to be read until the magic is known, in every format. */
    public static final int MAGIC_PREFIX_BYTES = MAGIC + 1;

    /** The only magic this broker writes or accepts. */
    public static final byte CURRENT_MAGIC = 2;

    static final int COMPRESSION_MASK = 0x07;
    static final int TIMESTAMP_TYPE_MASK = 0x08;
    static final int TRANSACTIONAL_MASK = 0x10;
    static final int CONTROL_MASK = 0x20;
    static final int DELETE_HORIZON_MASK = 0x40;

    private BatchLayout() {}
}
