// SPDX-License-Identifier: Apache-2.0
package io.tailrace.protocol.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecordBatchViewTest {

    private final RecordBatchView view = new RecordBatchView();

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void readsTheFieldsThatKafkaWrote(CompressionType codec) {
        ByteBuffer bytes = direct(transactional(1000, codec, 3));
        MutableRecordBatch kafka =
                MemoryRecords.readableRecords(bytes).batches().iterator().next();

        assertThat(view.over(bytes).next()).isTrue();

        assertThat(view.baseOffset()).isEqualTo(kafka.baseOffset()).isEqualTo(1000);
        assertThat(view.lastOffset()).isEqualTo(kafka.lastOffset());
        assertThat(view.nextOffset()).isEqualTo(kafka.nextOffset());
        assertThat(view.sizeInBytes()).isEqualTo(kafka.sizeInBytes());
        assertThat(view.partitionLeaderEpoch()).isEqualTo(kafka.partitionLeaderEpoch());
        assertThat(view.magic()).isEqualTo(kafka.magic());
        assertThat(view.crc()).isEqualTo(kafka.checksum());
        assertThat(view.compression()).isEqualTo(codec);
        assertThat(view.timestampType()).isEqualTo(kafka.timestampType());
        assertThat(view.isTransactional()).isTrue();
        assertThat(view.isControl()).isFalse();
        assertThat(view.hasDeleteHorizon()).isFalse();
        assertThat(view.maxTimestamp()).isEqualTo(kafka.maxTimestamp());
        assertThat(view.producerId()).isEqualTo(kafka.producerId());
        assertThat(view.producerEpoch()).isEqualTo(kafka.producerEpoch());
        assertThat(view.baseSequence()).isEqualTo(kafka.baseSequence());
        assertThat(view.lastSequence()).isEqualTo(kafka.lastSequence());
        assertThat(view.recordCount()).isEqualTo(kafka.countOrNull());
        assertThat(view.computeCrc()).isEqualTo(view.crc());
    }

    @Test
    void whatItSetsKafkaReads() {
        ByteBuffer bytes = direct(transactional(0, CompressionType.LZ4, 2));
        view.over(bytes).next();

        view.setBaseOffset(77);
        view.setPartitionLeaderEpoch(5);
        assertThat(view.setMaxTimestamp(TimestampType.LOG_APPEND_TIME, 123_456)).isTrue();

        MutableRecordBatch kafka =
                MemoryRecords.readableRecords(bytes).batches().iterator().next();
        kafka.ensureValid();
        assertThat(kafka.baseOffset()).isEqualTo(77);
        assertThat(kafka.lastOffset()).isEqualTo(78);
        assertThat(kafka.partitionLeaderEpoch()).isEqualTo(5);
        assertThat(kafka.timestampType()).isEqualTo(TimestampType.LOG_APPEND_TIME);
        assertThat(kafka.maxTimestamp()).isEqualTo(123_456);
    }

    @Test
    void keepsTheCrcWhenTheTimestampStaysAsItIs() {
        ByteBuffer bytes = transactional(0, CompressionType.NONE, 2);
        view.over(bytes).next();
        bytes.putInt(BatchLayout.CRC, 42);

        assertThat(view.setMaxTimestamp(TimestampType.CREATE_TIME, view.maxTimestamp()))
                .isFalse();

        assertThat(view.crc()).isEqualTo(42);
    }

    @Test
    void walksAllBatchesAndLeavesTheBufferAlone() {
        ByteBuffer bytes = concat(
                ByteBuffer.allocate(7),
                transactional(0, CompressionType.NONE, 2),
                transactional(2, CompressionType.ZSTD, 5));
        bytes.position(7);
        List<Long> bases = new ArrayList<>();

        view.over(bytes);
        while (view.next()) {
            bases.add(view.baseOffset());
        }

        assertThat(bases).containsExactly(0L, 2L);
        assertThat(view.hasRemainder()).isFalse();
        assertThat(bytes.position()).isEqualTo(7);
    }

    @Test
    void stopsBeforeATornBatch() {
        ByteBuffer whole = transactional(0, CompressionType.NONE, 2);
        ByteBuffer bytes = concat(whole.duplicate(), whole.duplicate());
        for (int cut = 1; cut < whole.remaining(); cut++) {
            ByteBuffer torn = bytes.duplicate().limit(bytes.limit() - cut);
            view.over(torn);
            assertThat(view.next()).isTrue();
            assertThat(view.next()).as("cut by %d", cut).isFalse();
            assertThat(view.nextPosition()).isEqualTo(whole.remaining());
            assertThat(view.hasRemainder()).isTrue();
        }
    }

    @Test
    void sequencesBeginAgainAfterTheGreatest() {
        ByteBuffer bytes = MemoryRecords.withIdempotentRecords(
                        Compression.NONE, 1L, (short) 0, Integer.MAX_VALUE - 1, records(4))
                .buffer();
        view.over(bytes).next();

        assertThat(view.baseSequence()).isEqualTo(Integer.MAX_VALUE - 1);
        assertThat(view.lastSequence()).isEqualTo(1);
    }

    @Test
    void findsEachFlippedBitTheCrcCovers() {
        ByteBuffer bytes = transactional(0, CompressionType.GZIP, 3);
        view.over(bytes).next();
        assertThat(BatchChecks.produced(view)).isEqualTo(BatchVerdict.VALID);
        for (int at = BatchLayout.CRC; at < bytes.limit(); at++) {
            bytes.put(at, (byte) (bytes.get(at) ^ 4));
            assertThat(BatchChecks.integrity(view)).as("byte %d", at).isEqualTo(BatchVerdict.BAD_CRC);
            bytes.put(at, (byte) (bytes.get(at) ^ 4));
        }
    }

    @Test
    void refusesOldAndUnknownMagic() {
        ByteBuffer bytes = transactional(0, CompressionType.NONE, 1);
        for (byte magic : new byte[] {0, 1}) {
            bytes.put(BatchLayout.MAGIC, magic);
            assertThat(BatchChecks.framing(bytes, 0, bytes.limit())).isEqualTo(BatchVerdict.OLD_MAGIC);
        }
        bytes.put(BatchLayout.MAGIC, (byte) 3);
        assertThat(BatchChecks.framing(bytes, 0, bytes.limit())).isEqualTo(BatchVerdict.UNKNOWN_MAGIC);
    }

    @Test
    void refusesACountThatTheOffsetsContradict() {
        ByteBuffer bytes = transactional(0, CompressionType.NONE, 3);
        view.over(bytes).next();

        bytes.putInt(BatchLayout.RECORD_COUNT, 2);
        seal(bytes);
        assertThat(BatchChecks.produced(view)).isEqualTo(BatchVerdict.BAD_COUNT);
        assertThat(BatchChecks.integrity(view)).as("as compaction leaves it").isEqualTo(BatchVerdict.VALID);

        bytes.putInt(BatchLayout.RECORD_COUNT, 4);
        seal(bytes);
        assertThat(BatchChecks.integrity(view)).isEqualTo(BatchVerdict.BAD_COUNT);
    }

    @Test
    void refusesAnUnknownCodec() {
        ByteBuffer bytes = transactional(0, CompressionType.NONE, 1);
        view.over(bytes).next();
        bytes.putShort(BatchLayout.ATTRIBUTES, (short) 5);
        seal(bytes);

        assertThat(BatchChecks.integrity(view)).isEqualTo(BatchVerdict.UNKNOWN_COMPRESSION);
    }

    @Test
    void survivesAnyBytes() {
        long seed = 20261121;
        var random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            if (bytes.length > 17 && random.nextBoolean()) {
                buffer.put(BatchLayout.MAGIC, (byte) 2).putInt(BatchLayout.LENGTH, random.nextInt(250) - 20);
            }
            BatchVerdict framing = BatchChecks.framing(buffer, 0, bytes.length);
            boolean whole = view.over(buffer).next();
            if (framing == BatchVerdict.VALID) {
                assertThat(whole).as("seed %d, round %d", seed, i).isTrue();
            }
            if (whole) {
                BatchChecks.produced(view);
            }
        }
    }

    private void seal(ByteBuffer bytes) {
        bytes.putInt(BatchLayout.CRC, (int) view.computeCrc());
    }

    private static ByteBuffer transactional(long baseOffset, CompressionType codec, int count) {
        return MemoryRecords.withTransactionalRecords(
                        baseOffset, Compression.of(codec).build(), 42L, (short) 7, 11, 3, records(count))
                .buffer();
    }

    private static SimpleRecord[] records(int count) {
        var records = new SimpleRecord[count];
        for (int i = 0; i < count; i++) {
            records[i] = new SimpleRecord(
                    1000L + i,
                    ("key" + i).getBytes(java.nio.charset.StandardCharsets.UTF_8),
                    "some value".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        return records;
    }

    private static ByteBuffer direct(ByteBuffer bytes) {
        return ByteBuffer.allocateDirect(bytes.remaining()).put(bytes).flip();
    }

    private static ByteBuffer concat(ByteBuffer... parts) {
        int size = 0;
        for (ByteBuffer part : parts) {
            size += part.remaining();
        }
        ByteBuffer all = ByteBuffer.allocate(size);
        for (ByteBuffer part : parts) {
            all.put(part.duplicate());
        }
        return all.flip();
    }
}
