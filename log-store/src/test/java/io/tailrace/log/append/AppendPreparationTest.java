// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.append;

import static io.tailrace.log.Batches.TIMESTAMP;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.log.AppendOrigin;
import io.tailrace.log.AppendResult.RecordError;
import io.tailrace.log.Batches;
import io.tailrace.log.LogConfig;
import io.tailrace.log.append.PreparedAppend.OutOfPlace;
import io.tailrace.log.append.PreparedAppend.Ready;
import io.tailrace.log.append.PreparedAppend.Rejected;
import io.tailrace.protocol.record.BatchLayout;
import io.tailrace.protocol.record.RecordBatchView;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AppendPreparationTest {

    private static final long NOW = TIMESTAMP + 1000;
    private static final int EPOCH = 4;

    private final AppendPreparation preparation = new AppendPreparation(DecompressionLimits.DEFAULT);

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void assignsOffsetAndEpochInPlace(CompressionType codec) {
        ByteBuffer bytes = Batches.direct(Batches.plain(codec, Batches.records(3)));

        Ready ready = ready(preparation.prepare(bytes, client(100)));

        assertThat(ready.batches()).isSameAs(bytes);
        assertThat(ready.firstOffset()).isEqualTo(100);
        assertThat(ready.lastOffset()).isEqualTo(102);
        assertThat(ready.maxTimestamp()).isEqualTo(TIMESTAMP + 2);
        assertThat(ready.offsetOfMaxTimestamp()).isEqualTo(102);
        assertThat(ready.logAppendTimeMs()).isEqualTo(-1);
        assertThat(Batches.read(bytes)).containsExactly("100:key0=value0", "101:key1=value1", "102:key2=value2");
        assertThat(Batches.view(bytes).partitionLeaderEpoch()).isEqualTo(EPOCH);
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void stampsTheAppendTimeWhereTheTopicSaysSo(CompressionType codec) {
        ByteBuffer bytes = Batches.plain(codec, Batches.records(3));

        Ready ready = ready(preparation.prepare(bytes, client(0, "message.timestamp.type", "LogAppendTime")));

        RecordBatchView batch = Batches.view(ready.batches());
        assertThat(batch.timestampType()).isEqualTo(TimestampType.LOG_APPEND_TIME);
        assertThat(batch.maxTimestamp()).isEqualTo(NOW);
        assertThat(batch.crc()).isEqualTo(batch.computeCrc());
        assertThat(ready.logAppendTimeMs()).isEqualTo(NOW);
        assertThat(ready.maxTimestamp()).isEqualTo(NOW);
    }

    @Test
    void rewritesIntoTheTopicsCodecFromEveryOther() {
        for (CompressionType from : CompressionType.values()) {
            for (String to : new String[] {"uncompressed", "gzip", "snappy", "lz4", "zstd"}) {
                ByteBuffer bytes = Batches.direct(Batches.idempotent(9, 2, 5, 3));
                if (from != CompressionType.NONE) {
                    bytes = Batches.direct(Batches.plain(from, Batches.records(3)));
                }
                Ready ready = ready(preparation.prepare(bytes, client(100, "compression.type", to)));

                RecordBatchView batch = Batches.view(ready.batches());
                assertThat(batch.compression().name).isEqualTo(to.equals("uncompressed") ? "none" : to);
                assertThat(batch.partitionLeaderEpoch()).isEqualTo(EPOCH);
                assertThat(batch.producerId()).isEqualTo(from == CompressionType.NONE ? 9 : -1);
                assertThat(batch.baseSequence()).isEqualTo(from == CompressionType.NONE ? 5 : -1);
                assertThat(ready.lastOffset()).isEqualTo(102).isEqualTo(batch.lastOffset());
                assertThat(ready.maxTimestamp()).isEqualTo(TIMESTAMP + 2).isEqualTo(batch.maxTimestamp());
                assertThat(Batches.read(ready.batches()))
                        .containsExactly("100:key0=value0", "101:key1=value1", "102:key2=value2");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void tellsWhichRecordsOfACompactedTopicLackAKey(CompressionType codec) {
        ByteBuffer bytes = Batches.direct(Batches.plain(
                codec,
                Batches.record(TIMESTAMP, "a", "1"),
                Batches.record(TIMESTAMP, null, "2"),
                Batches.record(TIMESTAMP, "c", null)));

        Rejected rejected = rejected(preparation.prepare(bytes, client(0, "cleanup.policy", "compact")));

        assertThat(rejected.error()).isEqualTo(Errors.INVALID_RECORD);
        assertThat(rejected.recordErrors()).extracting(RecordError::index).containsExactly(1);
    }

    @Test
    void tellsWhichRecordsAreTooFarInTheFuture() {
        ByteBuffer bytes = Batches.plain(
                CompressionType.ZSTD,
                Batches.record(NOW, "a", "1"),
                Batches.record(NOW + 3_600_001, "b", "2"),
                Batches.record(NOW + 3_600_000, "c", "3"));

        Rejected rejected = rejected(preparation.prepare(bytes, client(0)));

        assertThat(rejected.error()).isEqualTo(Errors.INVALID_TIMESTAMP);
        assertThat(rejected.recordErrors()).extracting(RecordError::index).containsExactly(1);
    }

    @Test
    void tellsWhichRecordsAreTooOld() {
        ByteBuffer bytes = Batches.plain(
                CompressionType.NONE, Batches.record(NOW - 11, "a", "1"), Batches.record(NOW - 10, "b", "2"));

        Rejected rejected = rejected(preparation.prepare(bytes, client(0, "message.timestamp.before.max.ms", "10")));

        assertThat(rejected.error()).isEqualTo(Errors.INVALID_TIMESTAMP);
        assertThat(rejected.recordErrors()).extracting(RecordError::index).containsExactly(0);
    }

    @Test
    void repairsAGreatestTimestampThatTheRecordsBelie() {
        ByteBuffer bytes = Batches.plain(CompressionType.NONE, Batches.records(2));
        bytes.putLong(BatchLayout.MAX_TIMESTAMP, NOW + 10_000_000);
        seal(bytes);

        assertThat(ready(preparation.prepare(bytes, client(0))).maxTimestamp()).isEqualTo(TIMESTAMP + 1);
    }

    @Test
    void refusesABatchThatIsTooLarge() {
        assertThat(rejected(preparation.prepare(Batches.plain(50), client(0, "max.message.bytes", "300")))
                        .error())
                .isEqualTo(Errors.MESSAGE_TOO_LARGE);
    }

    @Test
    void refusesABatchThatIsTooLargeOnceItIsRewritten() {
        ByteBuffer bytes = Batches.plain(CompressionType.GZIP, Batches.records(100));
        var terms = client(0, "compression.type", "uncompressed", "max.message.bytes", "" + bytes.remaining());

        assertThat(rejected(preparation.prepare(bytes, terms)).error()).isEqualTo(Errors.MESSAGE_TOO_LARGE);
    }

    @Test
    void refusesAnAppendLargerThanASegment() {
        assertThat(rejected(preparation.prepare(Batches.plain(50), client(0, "internal.segment.bytes", "300")))
                        .error())
                .isEqualTo(Errors.RECORD_LIST_TOO_LARGE);
    }

    @Test
    void refusesAFlippedBit() {
        ByteBuffer bytes = Batches.plain(3);
        bytes.put(70, (byte) (bytes.get(70) ^ 1));

        assertThat(rejected(preparation.prepare(bytes, client(0))).error()).isEqualTo(Errors.CORRUPT_MESSAGE);
    }

    @Test
    void refusesOldFormats() {
        ByteBuffer bytes = Batches.plain(3);
        bytes.put(BatchLayout.MAGIC, (byte) 1);

        assertThat(rejected(preparation.prepare(bytes, client(0))).error()).isEqualTo(Errors.INVALID_RECORD);
    }

    @Test
    void takesExactlyOneBatchFromAClient() {
        assertThat(rejected(preparation.prepare(Batches.concat(Batches.plain(1), Batches.plain(1)), client(0)))
                        .error())
                .isEqualTo(Errors.INVALID_RECORD);
        assertThat(rejected(preparation.prepare(ByteBuffer.allocate(0), client(0)))
                        .error())
                .isEqualTo(Errors.INVALID_RECORD);
    }

    @Test
    void takesControlBatchesFromACoordinatorOnly() {
        assertThat(rejected(preparation.prepare(Batches.marker(1, 0, true, 0), client(0)))
                        .error())
                .isEqualTo(Errors.INVALID_RECORD);
        var terms = new AppendTerms(config("compression.type", "zstd"), AppendOrigin.COORDINATOR, 8, EPOCH, NOW);
        assertThat(ready(preparation.prepare(Batches.marker(1, 0, true, 0), terms))
                        .firstOffset())
                .isEqualTo(8);
    }

    @Test
    void assignsConsecutiveOffsetsToSeveralBatchesOfACoordinator() {
        ByteBuffer bytes = Batches.concat(Batches.plain(2), Batches.plain(3));
        var terms = new AppendTerms(LogConfig.DEFAULT, AppendOrigin.COORDINATOR, 10, EPOCH, NOW);

        Ready ready = ready(preparation.prepare(bytes, terms));

        assertThat(ready.batchCount()).isEqualTo(2);
        assertThat(ready.offsetOfMaxTimestamp()).isEqualTo(14);
        assertThat(Batches.read(bytes)).hasSize(5).last().isEqualTo("14:key2=value2");
    }

    @Test
    void stopsABombWhereTheTopicLooksInside() {
        var small = new AppendPreparation(new DecompressionLimits(100_000, 1000));
        ByteBuffer bytes = Batches.plain(CompressionType.ZSTD, Batches.record(NOW, "key", "0".repeat(200_000)));

        assertThat(rejected(small.prepare(bytes, client(0, "cleanup.policy", "compact")))
                        .error())
                .isEqualTo(Errors.INVALID_RECORD);
        assertThat(rejected(small.prepare(bytes, client(0, "compression.type", "gzip")))
                        .error())
                .isEqualTo(Errors.INVALID_RECORD);
        assertThat(ready(small.prepare(bytes, client(0))).lastOffset())
                .as("nobody looks")
                .isZero();
    }

    @Test
    void stopsABombOfManyRecordsByItsRatio() {
        var records = new SimpleRecord[60];
        java.util.Arrays.fill(records, Batches.record(NOW, "key", "0".repeat(100_000)));
        ByteBuffer bytes = Batches.plain(CompressionType.ZSTD, records);
        var strict = new AppendPreparation(new DecompressionLimits(1 << 30, 100));

        assertThat(rejected(strict.prepare(bytes, client(0, "cleanup.policy", "compact")))
                        .message())
                .contains("decompresses to more");
    }

    @Test
    void refusesCompressedBytesThatAreNone() {
        for (CompressionType codec : CompressionType.values()) {
            ByteBuffer bytes = Batches.plain(codec, Batches.records(20));
            for (int at = BatchLayout.HEADER_BYTES; at < bytes.limit(); at++) {
                bytes.put(at, (byte) 0x5a);
            }
            seal(bytes);
            assertThat(rejected(preparation.prepare(bytes, client(0, "cleanup.policy", "compact")))
                            .error())
                    .as("%s", codec)
                    .isEqualTo(Errors.INVALID_RECORD);
        }
    }

    @Test
    void keepsWhatIsReplicatedAndCutsATornTail() {
        ByteBuffer bytes = Batches.concat(
                Batches.at(10, 2, Batches.records(2)), Batches.at(20, 3, Batches.records(1)), Batches.plain(1));
        bytes.limit(bytes.limit() - 1);
        ByteBuffer before =
                ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip();

        Ready ready = ready(preparation.prepare(bytes, follower(10, 3)));

        assertThat(ready.firstOffset()).isEqualTo(10);
        assertThat(ready.endOffset()).isEqualTo(21);
        assertThat(ready.batchCount()).isEqualTo(2);
        assertThat(Batches.read(ready.batches())).hasSize(3).last().isEqualTo("20:key0=value0");
        assertThat(bytes).isEqualTo(before);
    }

    @Test
    void refusesReplicatedBatchesThatGoBack() {
        assertThat(preparation.prepare(Batches.at(10, 2, Batches.records(2)), follower(11, 3)))
                .isEqualTo(new OutOfPlace(11, 10, 11));
        ByteBuffer bytes = Batches.concat(Batches.at(10, 2, Batches.records(2)), Batches.at(11, 2, Batches.records(1)));
        assertThat(preparation.prepare(bytes, follower(10, 3))).isEqualTo(new OutOfPlace(12, 11, 11));
    }

    @Test
    void refusesReplicatedBatchesOfALaterEpochOrWithAFlippedBit() {
        assertThat(rejected(preparation.prepare(Batches.at(10, 4, Batches.records(2)), follower(10, 3)))
                        .error())
                .isEqualTo(Errors.UNKNOWN_LEADER_EPOCH);
        ByteBuffer bytes = Batches.at(10, 4, Batches.records(2));
        bytes.put(80, (byte) (bytes.get(80) ^ 1));
        assertThat(rejected(preparation.prepare(bytes, follower(10, 4))).error())
                .isEqualTo(Errors.CORRUPT_MESSAGE);
    }

    private static void seal(ByteBuffer bytes) {
        bytes.putInt(BatchLayout.CRC, (int) Batches.view(bytes).computeCrc());
    }

    private static LogConfig config(String... settings) {
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            map.put(settings[i], settings[i + 1]);
        }
        return LogConfig.from(map);
    }

    private static AppendTerms client(long nextOffset, String... settings) {
        return new AppendTerms(config(settings), AppendOrigin.CLIENT, nextOffset, EPOCH, NOW);
    }

    private static AppendTerms follower(long nextOffset, int leaderEpoch) {
        return new AppendTerms(LogConfig.DEFAULT, AppendOrigin.REPLICATION, nextOffset, leaderEpoch, NOW);
    }

    private static Ready ready(PreparedAppend outcome) {
        assertThat(outcome).isInstanceOf(Ready.class);
        return (Ready) outcome;
    }

    private static Rejected rejected(PreparedAppend outcome) {
        assertThat(outcome).isInstanceOf(Rejected.class);
        return (Rejected) outcome;
    }
}
