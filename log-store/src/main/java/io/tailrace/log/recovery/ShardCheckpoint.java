// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.recovery;

import io.tailrace.log.epoch.EpochStart;
import io.tailrace.log.producer.ProducerStates;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * What one shard writes down, now and then, about all its partitions of one log directory: so that a start after a crash knows
 * what is synced, and a start after a clean stop opens no partition at all. Big-endian:
 *
 * <pre>
 *  at  size  field
 *   0     4  magic, "TRSC"
 *   4     2  version, 3
 *   6     8  sequence: grows with every checkpoint, by a leap with every start of the node
 *  14     4  number of entries
 *  18     -  each entry:
 *             2  length of the topic's name, then the name in UTF-8
 *             4  partition
 *            16  topic id
 *             8  log start offset
 *             8  recovery point: the end (exclusive) of what is synced
 *             8  end offset     } true only while the clean-stop marker (-1: not looked at since a crash)
 *             8  bytes in all   } of this very file is there
 *             8  journal floor: entries up to that sequence no longer concern the log
 *             8  cleaned end (exclusive): compaction has done with all below
 *             8  the greatest id of a producer that the log may have forgotten; not in version 2
 *             2  number of leader epochs that are not in the log's own file yet, and for each
 *                4  epoch, 8  start offset
 *  last    4  CRC-32C of all before
 * </pre>
 *
 * The marker, {@code shard-N.clean}, holds the CRC of the checkpoint it vouches for. It is removed, and the directory synced,
 * before anything is written after a start (KAFKA-10471).
 *
 * @param sequence greater than that of every checkpoint before it, of any shard of the node's earlier starts
 */
public record ShardCheckpoint(long sequence, List<Entry> entries) {

    public static final String SUFFIX = ".checkpoint";
    public static final String CLEAN_SUFFIX = ".clean";
    public static final String PREFIX = "shard-";

    private static final int MAGIC = 0x54525343;
    private static final short VERSION = 3;
    private static final short WITHOUT_PRODUCERS = 2;
    private static final int HEADER_BYTES = 18;
    private static final int ENTRY_FIXED_BYTES = 2 + 4 + 16 + 7 * 8 + 2;
    private static final int EPOCH_BYTES = 4 + 8;

    /**
     * What is said of one log.
     *
     * @param forgottenUpTo {@link ProducerStates#forgottenUpTo}
     */
    public record Entry(
            TopicPartition partition,
            Uuid topicId,
            long logStartOffset,
            long recoveryPoint,
            long endOffset,
            long sizeBytes,
            long journalFloor,
            long cleanedEndOffset,
            long forgottenUpTo,
            List<EpochStart> epochs) {
        public Entry {
            epochs = List.copyOf(epochs);
        }
    }

    public ShardCheckpoint {
        entries = List.copyOf(entries);
    }

    public static String file(int shard) {
        return PREFIX + shard + SUFFIX;
    }

    public static String cleanFile(int shard) {
        return PREFIX + shard + CLEAN_SUFFIX;
    }

    public byte[] encode() {
        List<byte[]> names = entries.stream()
                .map(entry -> entry.partition.topic().getBytes(StandardCharsets.UTF_8))
                .toList();
        int size = HEADER_BYTES + 4 + entries.size() * ENTRY_FIXED_BYTES;
        for (int i = 0; i < names.size(); i++) {
            size += names.get(i).length + entries.get(i).epochs.size() * EPOCH_BYTES;
        }
        ByteBuffer bytes = ByteBuffer.allocate(size);
        bytes.putInt(MAGIC).putShort(VERSION).putLong(sequence).putInt(entries.size());
        for (int i = 0; i < names.size(); i++) {
            Entry entry = entries.get(i);
            bytes.putShort((short) names.get(i).length).put(names.get(i));
            bytes.putInt(entry.partition.partition());
            bytes.putLong(entry.topicId.getMostSignificantBits());
            bytes.putLong(entry.topicId.getLeastSignificantBits());
            bytes.putLong(entry.logStartOffset).putLong(entry.recoveryPoint);
            bytes.putLong(entry.endOffset).putLong(entry.sizeBytes).putLong(entry.journalFloor);
            bytes.putLong(entry.cleanedEndOffset).putLong(entry.forgottenUpTo);
            bytes.putShort((short) entry.epochs.size());
            entry.epochs.forEach(epoch -> bytes.putInt(epoch.epoch()).putLong(epoch.startOffset()));
        }
        bytes.putInt((int) crc(bytes.array(), bytes.position()));
        return bytes.array();
    }

    /** Empty if the content is torn or of another version: then nothing is known. */
    public static Optional<ShardCheckpoint> decode(byte[] content) {
        if (content.length < HEADER_BYTES + 4) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.wrap(content);
        if (bytes.getInt(content.length - 4) != (int) crc(content, content.length - 4) || bytes.getInt() != MAGIC) {
            return Optional.empty();
        }
        short version = bytes.getShort();
        if (version != VERSION && version != WITHOUT_PRODUCERS) {
            return Optional.empty();
        }
        long sequence = bytes.getLong();
        int count = bytes.getInt();
        List<Entry> entries = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                byte[] name = new byte[bytes.getShort()];
                bytes.get(name);
                entries.add(new Entry(
                        new TopicPartition(new String(name, StandardCharsets.UTF_8), bytes.getInt()),
                        new Uuid(bytes.getLong(), bytes.getLong()),
                        bytes.getLong(),
                        bytes.getLong(),
                        bytes.getLong(),
                        bytes.getLong(),
                        bytes.getLong(),
                        bytes.getLong(),
                        version == WITHOUT_PRODUCERS ? ProducerStates.ANYBODY : bytes.getLong(),
                        epochs(bytes)));
            }
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return Optional.empty();
        }
        return Optional.of(new ShardCheckpoint(sequence, entries));
    }

    private static List<EpochStart> epochs(ByteBuffer bytes) {
        int count = bytes.getShort();
        List<EpochStart> epochs = new ArrayList<>(0);
        for (int i = 0; i < count; i++) {
            epochs.add(new EpochStart(bytes.getInt(), bytes.getLong()));
        }
        return epochs;
    }

    /** What the marker of a clean stop holds for a checkpoint with that content. */
    public static byte[] marker(byte[] content) {
        return Long.toHexString(crc(content, content.length)).getBytes(StandardCharsets.US_ASCII);
    }

    private static long crc(byte[] content, int length) {
        CRC32C crc = new CRC32C();
        crc.update(content, 0, length);
        return crc.getValue();
    }
}
