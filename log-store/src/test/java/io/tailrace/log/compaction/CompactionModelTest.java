// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.compaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.log.Batches;
import io.tailrace.log.LogConfig;
import io.tailrace.log.compaction.DiskLog.KeyValue;
import io.tailrace.log.producer.ProducerDescription;
import io.tailrace.log.producer.ProducerLimits;
import io.tailrace.log.producer.ProducerStates;
import io.tailrace.log.segment.SegmentFiles;
import io.tailrace.protocol.record.RecordBatchView;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: whatever was written, a cleaned log means the same. Random plain, idempotent and transactional batches, with
 * tombstones, over few keys; passes at random times, with maps that fill; checked against the log as it was before each pass.
 */
class CompactionModelTest {

    @TempDir
    Path directory;

    private long now = Batches.TIMESTAMP;
    private int written;

    @ParameterizedTest
    @ValueSource(longs = {2, 3, 4, 8, 10, 12})
    void aCleanedLogMeansTheSame(long seed) {
        var random = new Random(seed);
        var log = new DiskLog(
                directory,
                LogConfig.from(Map.of(
                        "cleanup.policy", "compact",
                        "delete.retention.ms", "1000",
                        "internal.segment.bytes", "20000",
                        "index.interval.bytes", "256")));
        var map = new OffsetMap(OffsetMap.SLOT_BYTES * (seed % 3 == 0 ? 20 : 4000));
        var original = new TreeMap<Long, KeyValue>();
        for (int pass = 0; pass < 6; pass++) {
            for (int segment = 0; segment < 1 + random.nextInt(4); segment++) {
                for (int i = 0; i < 10 + random.nextInt(20); i++) {
                    log.append(randomBatch(random, log.producers));
                }
                log.roll();
            }
            TreeMap<Long, KeyValue> before = log.records();
            TreeMap<Long, KeyValue> committedBefore = log.committed();
            original.putAll(before);
            long end = log.cleanable().bounds().lastStableOffset();
            long sizeBefore = log.bases().size();

            CompactionResult result = log.clean(map, now, 1 + random.nextInt(3000));

            TreeMap<Long, KeyValue> after = log.records();
            TreeMap<Long, KeyValue> committedAfter = log.committed();
            String which = "seed %d, pass %d".formatted(seed, pass);
            assertThat(before.entrySet()).as("nothing new, %s", which).containsAll(after.entrySet());
            assertThat(latestBelow(committedAfter, end))
                    .as("newest values, %s", which)
                    .isEqualTo(latestBelow(committedBefore, end));
            assertThat(committedBefore.entrySet())
                    .as("no aborted record is revived, %s", which)
                    .containsAll(committedAfter.entrySet());
            assertThat(after.tailMap(end))
                    .as("above the stable offset, %s", which)
                    .isEqualTo(before.tailMap(end));
            assertThat(keysTwiceBelow(committedAfter, result.cleanedTo()))
                    .as("one record of each key is left, %s", which)
                    .isZero();
            assertThat(log.bases().size()).isLessThanOrEqualTo((int) sizeBefore);
            assertProducersSurvive(log, which);
            assertIndexesMatch(log, which);
            now += random.nextInt(1500);
        }
    }

    private static Map<String, String> latestBelow(TreeMap<Long, KeyValue> records, long end) {
        return DiskLog.latest(new TreeMap<>(records.headMap(end)));
    }

    private static long keysTwiceBelow(TreeMap<Long, KeyValue> records, long end) {
        var below = records.headMap(end).values();
        return below.size() - below.stream().map(KeyValue::key).distinct().count();
    }

    private static void assertProducersSurvive(DiskLog log, String which) {
        var rebuilt = new ProducerStates(ProducerLimits.DEFAULT);
        var batch = new RecordBatchView();
        for (long base : log.bases()) {
            batch.over(log.read(base, SegmentFiles.LOG));
            while (batch.next()) {
                var completed = rebuilt.append(batch);
                if (completed != null) {
                    rebuilt.complete(completed);
                }
            }
        }
        for (ProducerDescription live : log.producers.describe()) {
            var copy = rebuilt.describe(live.producerId());
            assertThat(copy).as("producer %s, %s", live, which).isNotNull();
            assertThat(copy.epoch()).as("%s", which).isEqualTo(live.epoch());
            assertThat(copy.lastSequence()).as("producer %s, %s", live, which).isEqualTo(live.lastSequence());
            assertThat(copy.lastOffset()).isEqualTo(live.lastOffset());
            assertThat(copy.transactionFirstOffset()).isEqualTo(live.transactionFirstOffset());
        }
    }

    private static void assertIndexesMatch(DiskLog log, String which) {
        var batch = new RecordBatchView();
        for (long base : log.bases()) {
            ByteBuffer segment = log.read(base, SegmentFiles.LOG);
            ByteBuffer index = log.read(base, SegmentFiles.OFFSET_INDEX);
            while (index.hasRemaining()) {
                long lastOffset = base + index.getInt();
                batch.at(segment, index.getInt());
                assertThat(batch.lastOffset()).as("%s", which).isEqualTo(lastOffset);
            }
            ByteBuffer times = log.read(base, SegmentFiles.TIME_INDEX);
            long previous = -1;
            while (times.hasRemaining()) {
                long timestamp = times.getLong();
                assertThat(timestamp).isGreaterThan(previous);
                previous = timestamp;
                times.getInt();
            }
        }
    }

    private ByteBuffer randomBatch(Random random, ProducerStates live) {
        var records = new SimpleRecord[1 + random.nextInt(4)];
        for (int i = 0; i < records.length; i++) {
            String value = random.nextInt(5) == 0 ? null : "value " + written++;
            records[i] = Batches.record(now + random.nextInt(100), "key" + random.nextInt(30), value);
        }
        long producerId = random.nextInt(4);
        var known = live.describe(producerId);
        int epoch = known == null ? 0 : known.epoch();
        boolean open = known != null && known.hasTransaction();
        int sequence = known != null && known.hasBatch() ? known.lastSequence() + 1 : 0;
        var codec = CompressionType.values()[random.nextInt(5)];
        return switch (random.nextInt(5)) {
            case 0, 1 -> Batches.plain(codec, records);
            case 2 ->
                open
                        ? Batches.marker(producerId, epoch + random.nextInt(2), random.nextBoolean(), 0)
                        : Batches.transactional(producerId, epoch, sequence, records);
            default ->
                open || random.nextBoolean()
                        ? Batches.transactional(producerId, epoch, sequence, records)
                        : Batches.idempotent(producerId, epoch, sequence, records);
        };
    }
}
