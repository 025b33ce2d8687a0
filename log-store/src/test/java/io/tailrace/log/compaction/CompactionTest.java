// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.compaction;

import static io.tailrace.log.Batches.TIMESTAMP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.log.Batches;
import io.tailrace.log.LogConfig;
import io.tailrace.log.disk.StorageException;
import io.tailrace.log.segment.SegmentFiles;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompactionTest {

    private static final long NOW = TIMESTAMP + 1_000_000;
    private static final int STEP = 1 << 20;

    @TempDir
    Path directory;

    private final OffsetMap map = new OffsetMap(1 << 16);
    private DiskLog log = null;

    @BeforeEach
    void open() {
        log = new DiskLog(directory, config("delete.retention.ms", "1000"));
    }

    @Test
    void keepsTheNewestRecordOfEachKeyWithItsOffset() {
        log.append(Batches.plain(CompressionType.LZ4, record("a", "1"), record("b", "2"), record("a", "3")));
        log.roll();
        log.append(Batches.plain(CompressionType.NONE, record("b", "4"), record("c", "5")));
        log.roll();

        CompactionResult result = log.clean(map, NOW, STEP);

        assertThat(log.records().toString())
                .isEqualTo("{2=KeyValue[key=a, value=3], 3=KeyValue[key=b, value=4], 4=KeyValue[key=c, value=5]}");
        assertThat(result.cleanedTo()).isEqualTo(5);
        assertThat(result.bytesAfter()).isLessThan(result.bytesBefore());
        assertThat(log.bases()).as("small segments become one").containsExactly(0L);
    }

    @Test
    void aTombstoneStaysUntilItsHorizon() {
        log.append(Batches.plain(CompressionType.NONE, record("a", "1"), record("a", null)));
        log.append(Batches.plain(CompressionType.NONE, record("z", "1")));
        log.roll();

        log.clean(map, NOW, STEP);
        assertThat(log.records()).as("the first pass sets the horizon").containsOnlyKeys(1L, 2L);
        again();
        log.clean(map, NOW + 999, STEP);
        assertThat(log.records()).as("a later pass does not move it").containsOnlyKeys(1L, 2L, 3L);
        again();
        log.clean(map, NOW + 1000, STEP);
        assertThat(log.records()).containsOnlyKeys(2L, 3L, 4L);
    }

    @Test
    void abortedDataGoesAtOnceAndItsMarkerAfterItsHorizon() {
        log.append(Batches.transactional(1, 0, 0, record("a", "aborted")));
        log.append(Batches.marker(1, 1, true, 0));
        log.append(Batches.transactional(1, 1, 0, record("b", "committed")));
        log.append(Batches.marker(1, 2, false, 0));
        log.append(Batches.transactional(1, 2, 0, record("b", "newer")));
        log.append(Batches.marker(1, 3, false, 0));
        log.append(Batches.plain(CompressionType.NONE, record("z", "1")));
        log.roll();
        assertThat(log.aborted()).hasSize(1);

        log.clean(map, NOW, STEP);
        assertThat(log.records()).containsOnlyKeys(4L, 6L);
        assertThat(log.controlRecords())
                .as("readers may still be in the middle")
                .isEqualTo(3);
        assertThat(log.aborted()).hasSize(1);

        again();
        log.clean(map, NOW + 10, STEP);
        assertThat(log.controlRecords())
                .as("no data left: their horizon is set")
                .isEqualTo(3);
        assertThat(log.aborted()).isEmpty();

        again();
        log.clean(map, NOW + 1010, STEP);
        assertThat(log.controlRecords()).as("only the one whose data is there").isEqualTo(1);
        assertThat(log.records()).containsKeys(4L, 6L);
    }

    @Test
    void anAbortedValueDoesNotReplaceACommittedOne() {
        log.append(Batches.plain(CompressionType.NONE, record("a", "committed")));
        log.append(Batches.transactional(1, 0, 0, record("a", "aborted")));
        log.append(Batches.marker(1, 0, true, 0));
        log.roll();

        log.clean(map, NOW, STEP);

        assertThat(DiskLog.latest(log.records())).isEqualTo(Map.of("a", "committed"));
    }

    @Test
    void keepsTheLastBatchOfAProducerWithoutItsRecords() {
        log.append(Batches.idempotent(7, 3, 0, record("a", "1")));
        log.append(Batches.idempotent(7, 3, 1, record("a", "2")));
        log.append(Batches.plain(CompressionType.NONE, record("a", "3")));
        log.roll();

        log.clean(map, NOW, STEP);

        assertThat(log.records()).containsOnlyKeys(2L);
        var first = Batches.view(log.read(0, SegmentFiles.LOG));
        assertThat(first.producerId()).isEqualTo(7);
        assertThat(first.lastSequence()).isEqualTo(1);
        assertThat(first.recordCount()).isZero();
    }

    @Test
    void doesNotTouchWhatIsAboveTheStableOffset() {
        log.append(Batches.plain(CompressionType.NONE, record("a", "1"), record("a", "2")));
        log.roll();
        log.append(Batches.transactional(1, 0, 0, record("a", "open")));
        log.roll();
        log.append(Batches.plain(CompressionType.NONE, record("a", "3")));
        log.roll();

        CompactionResult result = log.clean(map, NOW, STEP);

        assertThat(result.cleanedTo()).isEqualTo(2);
        assertThat(log.records()).containsOnlyKeys(1L, 2L, 3L);
    }

    @Test
    void aFullMapEndsThePassAndTheNextOneGoesOn() {
        for (int i = 0; i < 30; i++) {
            log.append(Batches.plain(CompressionType.NONE, record("key" + i, "old"), record("key" + i, "new")));
        }
        log.roll();
        var small = new OffsetMap(OffsetMap.SLOT_BYTES * 12);

        assertThat(log.clean(small, NOW, STEP).cleanedTo()).isEqualTo(20);
        assertThat(log.records()).hasSize(10 + 40);
        assertThat(log.clean(small, NOW, STEP).cleanedTo()).isEqualTo(40);
        assertThat(log.clean(small, NOW, STEP).cleanedTo()).isEqualTo(60);
        assertThat(log.records()).hasSize(30);
    }

    @Test
    void rewritesBatchesLargerThanAChunk() {
        String large = "x".repeat(1_500_000);
        log = new DiskLog(directory, config("max.message.bytes", "4000000"));
        log.append(Batches.plain(CompressionType.NONE, record("a", "old")));
        log.write(0, SegmentFiles.LOG, Batches.plain(1)); // replaced by the roll below
        ByteBuffer bytes = Batches.concat(
                Batches.at(0, 0, record("a", large)),
                Batches.at(1, 0, record("b", large)),
                Batches.at(2, 0, record("a", "new")));
        log.roll();
        log.write(0, SegmentFiles.LOG, bytes);
        var segment = new SealedSegment(0, 3, bytes.limit(), 0, 0);
        var cleanable = new CleanableLog(
                directory, log.config, List.of(segment), new CleanableLog.Bounds(0, 0, 3, 3), List.of(), Map.of());
        try (var task = new CompactionTask(CompactionPolicy.plan(cleanable, NOW), log.disk, map, NOW)) {
            while (!task.step(1)) {
                // bounded work, again
            }
            var replacement = task.result().replacements().getFirst();
            SegmentSwap.commit(log.disk, directory, replacement);
            SegmentSwap.finish(log.disk, directory, replacement);
        }
        assertThat(log.records()).containsOnlyKeys(1L, 2L);
    }

    @Test
    void refusesToBlessADamagedBatch() {
        log.append(Batches.plain(3));
        log.roll();
        ByteBuffer bytes = log.read(0, SegmentFiles.LOG);
        bytes.put(75, (byte) (bytes.get(75) ^ 1));
        log.write(0, SegmentFiles.LOG, bytes.duplicate());

        assertThatThrownBy(() -> log.clean(map, NOW, STEP))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("CRC");
        assertThat(log.disk.list(directory)).containsExactly("00000000000000000000.log");
        assertThat(log.read(0, SegmentFiles.LOG)).isEqualTo(bytes);
    }

    @Test
    void aDroppedTaskLeavesNothingBehind() {
        log.append(Batches.plain(3));
        log.roll();
        var task = new CompactionTask(CompactionPolicy.plan(log.cleanable(), NOW), log.disk, map, NOW);
        while (!task.step(1)) {
            // until just before the result is taken
        }

        task.close();

        assertThat(log.disk.list(directory)).containsExactly("00000000000000000000.log");
    }

    @Test
    void aReplacementDoesNotFitALogThatHasChanged() {
        var replacement = new CompactionResult.Replacement(10, List.of(10L, 20L), 30, 1);

        assertThat(replacement.fits(List.of(0L, 10L, 20L, 30L))).isTrue();
        assertThat(replacement.fits(List.of(20L, 30L)))
                .as("retention took the first")
                .isFalse();
        assertThat(replacement.fits(List.of(10L))).isFalse();
        assertThat(replacement.fits(List.of(10L, 15L, 20L))).isFalse();
    }

    /** Something new to clean, so that a pass looks at the log again. */
    private void again() {
        log.append(Batches.plain(CompressionType.NONE, record("again" + log.endOffset, "x")));
        log.roll();
    }

    private static SimpleRecord record(String key, String value) {
        return Batches.record(TIMESTAMP, key, value);
    }

    private static LogConfig config(String... settings) {
        Map<String, String> map = new HashMap<>(Map.of("cleanup.policy", "compact"));
        for (int i = 0; i < settings.length; i += 2) {
            map.put(settings[i], settings[i + 1]);
        }
        return LogConfig.from(map);
    }
}
