// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.log.compaction.ClaimedPlan;
import io.tailrace.log.compaction.CleaningClaim;
import io.tailrace.log.compaction.CompactionResult;
import io.tailrace.log.compaction.CompactionTask;
import io.tailrace.log.compaction.OffsetMap;
import io.tailrace.log.disk.SimDisk;
import io.tailrace.log.disk.StorageException;
import io.tailrace.log.disk.StorageException.Kind;
import io.tailrace.log.journal.JournalPolicy;
import io.tailrace.log.producer.ProducerLimits;
import io.tailrace.log.producer.TransactionTerms;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** One compacted log, all that was ever appended to it as its model, and a seeded hand that works on both. */
final class CleaningSimulation {

    private static final Path ROOT = Path.of("/data");
    private static final TopicPartition PARTITION = new TopicPartition("t", 0);
    private static final Uuid TOPIC_ID = new Uuid(7, 7);
    private static final long PRODUCER = 9;
    private static final LogConfig CONFIG = LogConfig.from(Map.of(
            "cleanup.policy",
            "compact,delete",
            "retention.ms",
            "-1",
            "delete.retention.ms",
            "60",
            "min.cleanable.dirty.ratio",
            "0.2",
            "file.delete.delay.ms",
            "0",
            TopicSettings.INTERNAL_SEGMENT_BYTES,
            "1000",
            "index.interval.bytes",
            "100"));

    private record KeyValue(String key, String value) {}

    private final Random random;
    private final String seedText;
    private final StringBuilder trace = new StringBuilder();
    private final JournalPolicy journal;

    /** By offset. */
    private List<KeyValue> model = new ArrayList<>();

    private final OffsetMap map;
    private SimDisk disk = new SimDisk();
    private ShardLog shard;
    private long start;
    private long promised;
    private int epoch;
    private int sequence;
    private int written;
    private long nowMs = 1000;
    private ClaimedPlan claimed;
    private CompactionTask task;
    private CompactionResult result;
    private int nextReplacement;
    private boolean swapping;
    int taken;
    int refused;
    int completed;
    int crashesInSwap;

    CleaningSimulation(long seed) {
        random = new Random(seed);
        seedText = "seed " + seed;
        journal = seed % 2 == 0 ? JournalPolicy.OFF : new JournalPolicy(4000, 500, 900, 2);
        map = new OffsetMap(OffsetMap.SLOT_BYTES * (seed % 3 == 0 ? 8 : 100));
        shard = open();
        commit();
    }

    void step() {
        nowMs += random.nextInt(10);
        int choice = random.nextInt(100);
        try {
            if (choice < 40) {
                append();
            } else if (choice < 50) {
                commit();
            } else if (choice < 88) {
                clean();
            } else if (choice < 90) {
                truncate();
            } else if (choice < 92) {
                advanceStart();
            } else if (choice < 94) {
                shard.tick(nowMs);
                shard.removals(nowMs).remove();
            } else if (choice < 95) {
                restartCleanly();
            } else if (choice < 97) {
                check();
            } else {
                disk.crashAt(random.nextInt(25));
            }
        } catch (SimDisk.PowerCut e) {
            crash();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(seedText + "\n" + trace, e);
        }
    }

    /** The power stays on; all has to be there. */
    void finish() {
        disk.crashAt(Long.MAX_VALUE);
        restartCleanly();
        check();
    }

    private void append() {
        SimpleRecord[] records = new SimpleRecord[1 + random.nextInt(3)];
        List<KeyValue> added = new ArrayList<>();
        for (int i = 0; i < records.length; i++) {
            String key = "k" + random.nextInt(12);
            String value = random.nextInt(5) == 0 ? null : "v" + written++ + "x".repeat(random.nextInt(60));
            records[i] = Batches.record(nowMs, key, value);
            added.add(new KeyValue(key, value));
        }
        ByteBuffer batch = random.nextInt(4) == 0
                ? Batches.idempotent(PRODUCER, 0, sequence, records)
                : Batches.plain(CompressionType.values()[random.nextInt(2)], records);
        boolean isIdempotent = batch.getLong(43) == PRODUCER;
        AppendResult appended = log().append(batch, epoch, AppendOrigin.CLIENT, TransactionTerms.NONE, nowMs);
        assertThat(appended).isInstanceOf(AppendResult.Appended.class);
        assertThat(((AppendResult.Appended) appended).baseOffset()).isEqualTo(model.size());
        model.addAll(added);
        sequence += isIdempotent ? records.length : 0;
        note("append " + (isIdempotent ? "seq " + sequence + " " : "") + added);
    }

    private void commit() {
        TurnEnd end = shard.endTurn(nowMs);
        assertThat(end.failures()).isEmpty();
        Logs.sync(shard, end.ticket());
        SyncTicket background = shard.backgroundTicket();
        Logs.sync(shard, background);
        if (log().durableEndOffset() < log().logEndOffset()) {
            return; // a ticket was out; the next one has it
        }
        promised = log().durableEndOffset();
        note("commit " + promised);
    }

    /** The next small piece of a pass. */
    private void clean() {
        if (claimed == null) {
            Optional<ClaimedPlan> due = log().claimForCleaning(promised, nowMs);
            if (due.isPresent()) {
                note("claim " + due.get().plan().firstDirtyOffset() + " to "
                        + due.get().plan().endOffset());
                claimed = due.get();
                task = new CompactionTask(claimed.plan(), disk, map, nowMs);
            }
        } else if (result == null) {
            try {
                if (task.step(1 + random.nextInt(2000))) {
                    result = task.result();
                    note("result " + result);
                }
            } catch (StorageException e) {
                assertThat(e.kind() == Kind.NOT_FOUND || claimed.claim().isVoid()) // retention or a cut was faster
                        .as("%s", e.getMessage())
                        .isTrue();
                note("lost a segment");
                dropPass();
            }
        } else if (nextReplacement < result.replacements().size()) {
            takeIn(claimed.claim(), result.replacements().get(nextReplacement++));
        } else {
            boolean done = log().cleanedTo(claimed.claim(), result.cleanedTo());
            note("cleaned to " + result.cleanedTo() + " " + done);
            completed += done ? 1 : 0;
            dropPass();
            check();
        }
    }

    private void takeIn(CleaningClaim claim, CompactionResult.Replacement replacement) {
        swapping = true;
        boolean isTaken = log().takeIn(claim, replacement);
        swapping = false;
        note("take in " + replacement + " " + isTaken);
        taken += isTaken ? 1 : 0;
        refused += isTaken ? 0 : 1;
        if (!isTaken) {
            dropPass();
        }
    }

    private void dropPass() {
        if (task != null) {
            task.close();
        }
        task = null;
        claimed = null;
        result = null;
        nextReplacement = 0;
    }

    private void truncate() {
        disk.crashAt(Long.MAX_VALUE);
        SyncTicket ticket = shard.endTurn(nowMs).ticket();
        long to = promised + random.nextInt((int) (model.size() - promised) + 1); // never below the high watermark
        long end = log().truncateTo(to);
        Logs.sync(shard, ticket);
        note("truncate to " + to + ", at " + end);
        model = new ArrayList<>(model.subList(0, (int) end));
        epoch++;
        sequence = log().producers().describe().stream()
                .map(producer -> producer.lastSequence() + 1)
                .findFirst()
                .orElse(0);
        commit();
        check();
    }

    private void advanceStart() {
        commit();
        long to = start + random.nextInt((int) (promised - start) + 1) / 3;
        log().advanceLogStart(to);
        start = log().logStartOffset();
        int dropped = log().deleteOldSegments(nowMs, promised);
        note("start at " + to + ", dropped " + dropped);
    }

    private void restartCleanly() {
        note("clean restart");
        commit();
        if (random.nextBoolean() && task != null && result == null) {
            dropPass();
        }
        shard.close();
        forgetPass();
        shard = open();
        assertThat(log().logEndOffset()).isEqualTo(model.size());
        commit();
        check();
    }

    private void crash() {
        note("crash");
        crashesInSwap += swapping ? 1 : 0;
        swapping = false;
        disk = disk.afterCrash(random);
        forgetPass();
        try {
            shard = open();
            assertThat(shard.openFailures()).isEmpty();
            long end = log().logEndOffset();
            assertThat(end).isBetween(promised, (long) model.size());
            assertThat(log().logStartOffset()).isLessThanOrEqualTo(start);
            model = new ArrayList<>(model.subList(0, (int) end));
            start = log().logStartOffset();
            epoch++;
            sequence = log().producers().describe().stream()
                    .map(producer -> producer.lastSequence() + 1)
                    .findFirst()
                    .orElse(0);
            commit();
            check();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(seedText + "\n" + trace, e);
        }
    }

    /** The worker has gone with its process, and left its files. */
    private void forgetPass() {
        task = null;
        dropPass();
    }

    /** What a reader finds is a part of what was written, and means the same. */
    private void check() {
        TreeMap<Long, KeyValue> found = new TreeMap<>();
        long end = log().logEndOffset();
        for (long offset = log().logStartOffset(); offset < end; ) {
            LogRead read = log().read(offset, 1 + random.nextInt(2000), end, true);
            assertThat(read).isInstanceOf(LogRead.Records.class);
            LogRead.Records records = (LogRead.Records) read;
            if (records.isEmpty()) {
                break;
            }
            for (Record record :
                    MemoryRecords.readableRecords(Logs.copy(records)).records()) {
                if (record.offset() >= offset) {
                    found.put(
                            record.offset(),
                            new KeyValue(Batches.text(record.key()), record.hasValue() ? Logs.value(record) : null));
                }
            }
            assertThat(records.endOffset()).isGreaterThan(offset);
            offset = records.endOffset();
            records.release();
        }
        found.forEach(
                (offset, record) -> assertThat(record).as("at %d", offset).isEqualTo(model.get(offset.intValue())));
        TreeMap<Long, KeyValue> all = new TreeMap<>();
        for (long offset = log().logStartOffset(); offset < end; offset++) {
            all.put(offset, model.get((int) offset));
        }
        assertThat(latest(found)).isEqualTo(latest(all));
    }

    private static Map<String, String> latest(TreeMap<Long, KeyValue> records) {
        Map<String, String> latest = new TreeMap<>();
        records.values().forEach(record -> {
            if (record.value() == null) {
                latest.remove(record.key());
            } else {
                latest.put(record.key(), record.value());
            }
        });
        return latest;
    }

    private ShardLog open() {
        ShardLogConfig config = new ShardLogConfig(0, 5, 0, 200, ProducerLimits.DEFAULT, journal);
        ShardLog opened = ShardLog.open(LogDirectories.open(disk, List.of(ROOT)), config, tp -> true, CONFIG, nowMs);
        if (opened.partition(PARTITION).isEmpty()) {
            assertThat(promised).isZero();
            model.clear();
            opened.create(PARTITION, TOPIC_ID, CONFIG, nowMs);
        }
        return opened;
    }

    private PartitionLog log() {
        return shard.partition(PARTITION).orElseThrow();
    }

    private void note(String what) {
        trace.append(what).append('\n');
    }
}
