// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.compaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.log.Batches;
import io.tailrace.log.LogConfig;
import io.tailrace.log.disk.Disk;
import io.tailrace.log.disk.DiskFile;
import io.tailrace.log.disk.RealDisk;
import io.tailrace.log.producer.ProducerDescription;
import io.tailrace.log.producer.ProducerLimits;
import io.tailrace.log.producer.ProducerStates;
import io.tailrace.log.segment.SegmentFiles;
import io.tailrace.log.txn.AbortedTransaction;
import io.tailrace.log.txn.AbortedTransactions;
import io.tailrace.log.txn.CorruptIndexException;
import io.tailrace.protocol.record.RecordBatchView;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;

/** The sealed segments of a log, written without the log itself: just the files the cleaner works on. */
final class DiskLog {

    final Disk disk;
    final Path directory;
    final LogConfig config;
    final ProducerStates producers = new ProducerStates(ProducerLimits.DEFAULT);
    private ByteBuffer open = ByteBuffer.allocate(1 << 20);
    private final AbortedTransactions openAborted = new AbortedTransactions();
    private long openBase;
    long endOffset;
    long firstDirty;

    DiskLog(Path directory, LogConfig config) {
        this.disk = new RealDisk();
        this.directory = directory;
        this.config = config;
        disk.createDirectories(directory);
    }

    /** Appends a batch at the end of the log; its offset. */
    long append(ByteBuffer bytes) {
        RecordBatchView batch = Batches.view(bytes, endOffset);
        var completed = producers.append(batch);
        if (completed != null) {
            if (completed.aborted()) {
                openAborted.append(completed.indexEntry());
            }
            producers.complete(completed);
        }
        open.put(bytes.duplicate());
        long offset = endOffset;
        endOffset = batch.nextOffset();
        return offset;
    }

    /** Seals what was appended since the last roll. */
    void roll() {
        write(openBase, SegmentFiles.LOG, open.flip());
        if (!openAborted.isEmpty()) {
            write(openBase, SegmentFiles.TRANSACTION_INDEX, openAborted.encode());
            openAborted.truncateTo(0);
        }
        open.clear();
        openBase = endOffset;
    }

    void write(long base, String suffix, ByteBuffer content) {
        try (DiskFile file = disk.open(directory.resolve(SegmentFiles.name(base, suffix)), Disk.OpenMode.TRUNCATE)) {
            file.write(content, 0);
        }
    }

    ByteBuffer read(long base, String suffix) {
        Path path = directory.resolve(SegmentFiles.name(base, suffix));
        if (!disk.exists(path)) {
            return ByteBuffer.allocate(0);
        }
        try (DiskFile file = disk.open(path, Disk.OpenMode.READ)) {
            ByteBuffer content = ByteBuffer.allocate((int) file.size());
            file.read(content, 0);
            return content.flip();
        }
    }

    List<Long> bases() {
        return disk.list(directory).stream()
                .map(name -> SegmentFiles.offset(name, SegmentFiles.LOG))
                .filter(OptionalLong::isPresent)
                .map(OptionalLong::getAsLong)
                .toList();
    }

    CleanableLog cleanable() {
        List<Long> bases = bases();
        var segments = new ArrayList<SealedSegment>();
        for (int i = 0; i < bases.size(); i++) {
            long end = i + 1 < bases.size() ? bases.get(i + 1) : openBase;
            segments.add(new SealedSegment(
                    bases.get(i), end, read(bases.get(i), SegmentFiles.LOG).remaining(), 0, Batches.TIMESTAMP));
        }
        Map<Long, LastBatch> last = new HashMap<>();
        for (ProducerDescription producer : producers.describe()) {
            last.put(producer.producerId(), LastBatch.of(producer));
        }
        producers.onHighWatermark(endOffset);
        var bounds = new CleanableLog.Bounds(0, firstDirty, openBase, producers.lastStableOffset(endOffset));
        return new CleanableLog(directory, config, segments, bounds, aborted(), last);
    }

    List<AbortedTransaction> aborted() {
        var all = new ArrayList<AbortedTransaction>();
        for (long base : bases()) {
            try {
                all.addAll(AbortedTransactions.decode(read(base, SegmentFiles.TRANSACTION_INDEX), base)
                        .entries());
            } catch (CorruptIndexException e) {
                throw new AssertionError(e);
            }
        }
        return all;
    }

    CompactionResult clean(OffsetMap map, long nowMs, int stepBytes) {
        try (var task = new CompactionTask(CompactionPolicy.plan(cleanable(), nowMs), disk, map, nowMs)) {
            while (!task.step(stepBytes)) {
                // bounded work, again
            }
            CompactionResult result = task.result();
            for (var replacement : result.replacements()) {
                assertThat(replacement.fits(bases())).isTrue();
                SegmentSwap.commit(disk, directory, replacement);
                SegmentSwap.finish(disk, directory, replacement);
            }
            firstDirty = result.cleanedTo();
            return result;
        }
    }

    /** Every record of the sealed segments by offset. */
    TreeMap<Long, KeyValue> records() {
        var all = new TreeMap<Long, KeyValue>();
        for (long base : bases()) {
            forEachRecord(base, (control, record) -> {
                if (!control) {
                    assertThat(all.put(record.offset(), KeyValue.of(record))).isNull();
                }
            });
        }
        return all;
    }

    int controlRecords() {
        int[] count = {0};
        for (long base : bases()) {
            forEachRecord(base, (control, record) -> count[0] += control ? 1 : 0);
        }
        return count[0];
    }

    private void forEachRecord(long base, java.util.function.BiConsumer<Boolean, Record> visitor) {
        long[] previous = {base - 1};
        MemoryRecords.readableRecords(read(base, SegmentFiles.LOG)).batches().forEach(batch -> {
            batch.ensureValid();
            assertThat(batch.lastOffset()).isGreaterThan(previous[0]);
            for (Record record : batch) {
                assertThat(record.offset()).isGreaterThan(previous[0]).isLessThanOrEqualTo(batch.lastOffset());
                previous[0] = record.offset();
                visitor.accept(batch.isControlBatch(), record);
            }
            previous[0] = batch.lastOffset();
        });
    }

    /** What a read_committed consumer sees, skipping aborted data as clients do: by the index's entries and the markers. */
    TreeMap<Long, KeyValue> committed() {
        var all = new TreeMap<Long, KeyValue>();
        var entries = new ArrayList<>(AbortedTransactions.byFirstOffset(aborted()));
        Set<Long> skipping = new HashSet<>();
        for (long base : bases()) {
            MemoryRecords.readableRecords(read(base, SegmentFiles.LOG))
                    .batches()
                    .forEach(batch -> {
                        while (!entries.isEmpty() && entries.getFirst().firstOffset() <= batch.lastOffset()) {
                            skipping.add(entries.removeFirst().producerId());
                        }
                        if (batch.isControlBatch()) {
                            for (Record ignored : batch) {
                                skipping.remove(batch.producerId());
                            }
                        } else if (!batch.isTransactional() || !skipping.contains(batch.producerId())) {
                            batch.forEach(record -> all.put(record.offset(), KeyValue.of(record)));
                        }
                    });
        }
        return all;
    }

    record KeyValue(String key, String value) {
        static KeyValue of(Record record) {
            return new KeyValue(Batches.text(record.key()), Batches.text(record.value()));
        }
    }

    /** The newest value of each key, keys with a tombstone left out. */
    static Map<String, String> latest(TreeMap<Long, KeyValue> records) {
        var latest = new TreeMap<String, String>();
        records.values().forEach(record -> {
            if (record.value() == null) {
                latest.remove(record.key());
            } else {
                latest.put(record.key(), record.value());
            }
        });
        return latest;
    }
}
