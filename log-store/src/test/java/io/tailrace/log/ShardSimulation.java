// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.log.disk.SimDisk;
import io.tailrace.log.disk.StorageException;
import io.tailrace.log.journal.JournalPolicy;
import io.tailrace.log.producer.ProducerLimits;
import io.tailrace.log.producer.TransactionTerms;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;

/** One shard, its model, and a seeded hand that does everything to both. */
final class ShardSimulation {

    private static final int PARTITIONS = 5;
    private static final Path ROOT = Path.of("/data");

    private final Random random;
    private final String seedText;
    private final TreeMap<Integer, ModelLog> models = new TreeMap<>();
    private final StringBuilder trace = new StringBuilder();
    private SimDisk disk = new SimDisk();
    private ShardLog shard;
    private SyncTicket out;
    private SyncTicket background;
    private final JournalPolicy journal;
    private Map<Integer, long[]> outPromises = new TreeMap<>();

    /** Partitions that nobody has used since the last crash: what it left of them is not known yet. */
    private final TreeSet<Integer> unused = new TreeSet<>();

    private int nextValue;
    private long nextId = 1;
    private long nowMs = 1000;

    ShardSimulation(long seed) {
        random = new Random(seed);
        journal = seed % 4 == 0 ? JournalPolicy.OFF : new JournalPolicy(4000, 500, 900, 2);
        seedText = "seed " + seed;
        shard = open();
        out = shard.endTurn(nowMs).ticket();
    }

    /** The process dies: what it had written is there, synced or not, until the power goes. */
    private void kill() {
        note("kill");
        models.forEach((p, model) -> {
            if (!unused.contains(p)) {
                model.dropStaged();
            }
        });
        reopen();
    }

    String trace() {
        return trace.toString();
    }

    void step() {
        nowMs += random.nextInt(20);
        int choice = random.nextInt(100);
        try {
            if (choice < 42) {
                append();
            } else if (choice < 45) {
                background();
            } else if (choice < 65) {
                turn();
            } else if (choice < 75) {
                read();
            } else if (choice < 80) {
                truncate();
            } else if (choice < 83) {
                advanceStart();
            } else if (choice < 86) {
                retain();
            } else if (choice < 88) {
                deleteAndCreate();
            } else if (choice < 89) {
                note("clean-up");
                shard.tick(nowMs);
                shard.removals(nowMs).remove();
            } else if (choice < 90) {
                recoverNext();
            } else if (choice < 92) {
                restartCleanly();
            } else if (choice < 95) {
                fault();
            } else if (choice < 97) {
                kill();
            } else {
                disk.crashAt(random.nextInt(12));
            }
        } catch (SimDisk.PowerCut e) {
            crash();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(seedText + "\n" + trace, e);
        }
    }

    private void append() {
        int p = choose();
        PartitionLog log = log(p);
        if (!log.isOnline()) {
            return;
        }
        ModelLog model = models.get(p);
        List<String> records = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            records.add("v" + nextValue++ + "x".repeat(random.nextInt(120)));
        }
        var result = log.append(
                Batches.of(nowMs, records.toArray(new String[0])),
                model.epoch,
                AppendOrigin.CLIENT,
                TransactionTerms.NONE,
                nowMs);
        note("append " + p + " " + records.size() + " -> " + result);
        long base = model.values.size();
        if (result instanceof AppendResult.Appended appended) {
            assertThat(appended.baseOffset()).isEqualTo(base);
            model.append(records);
        } else {
            assertThat(log.isOnline()).as("refused though online: %s", result).isFalse();
        }
    }

    /** Ends the turn; a ticket that is out comes back first, or stays out. */
    private void turn() {
        if (!out.isEmpty() && random.nextInt(3) > 0) {
            comeBack();
        }
        endTurn();
    }

    private void endTurn() {
        TurnEnd end = shard.endTurn(nowMs);
        for (LogFailure failure : end.failures()) {
            note("failure " + failure);
            if (failure.isRetriable()) {
                models.get(failure.partition().partition()).dropStaged();
            }
        }
        models.forEach((p, model) -> {
            PartitionLog log = find(p);
            if (log.isOnline() && !unused.contains(p)) {
                assertThat(log.logEndOffset()).isEqualTo(model.values.size());
                model.written = model.values.size();
            }
        });
        if (!end.ticket().isEmpty()) {
            out = end.ticket();
            outPromises = new TreeMap<>();
            models.forEach((p, model) ->
                    outPromises.put(p, new long[] {model.written, model.earlier.size(), model.topicId.hashCode()}));
            note("ticket " + out.fileCount());
        }
        if (models.keySet().stream().anyMatch(p -> !find(p).isOnline())) {
            note("offline");
            crash(); // what a broker does whose only directory is gone
        }
    }

    private void comeBack() {
        if (out.isEmpty()) {
            return;
        }
        SyncTicket ticket = out;
        try {
            ticket.sync();
        } catch (StorageException e) {
            shard.onSyncFailed(ticket, e);
            out = shard.endTurn(nowMs).ticket();
            crash();
            return;
        }
        shard.onSynced(ticket);
        out = new SyncTicket(disk);
        note("synced");
        models.forEach((p, model) -> {
            long[] promise = outPromises.get(p);
            PartitionLog log = find(p);
            if (!unused.contains(p) && promise != null && promise[2] == model.topicId.hashCode()) {
                boolean covered = promise[1] == model.earlier.size();
                if (covered) {
                    model.earlier.clear();
                }
                long durable = log.durableEndOffset();
                assertThat(durable).isLessThanOrEqualTo(model.written);
                model.promised = Math.max(model.promised, durable);
                if (covered) {
                    assertThat(durable).isGreaterThanOrEqualTo(promise[0]);
                }
            }
        });
    }

    /** The ticket that nobody waits for goes out, or comes back. */
    private void background() {
        if (background == null) {
            SyncTicket ticket = shard.backgroundTicket();
            background = ticket.isEmpty() ? null : ticket;
            note("background " + ticket.fileCount() + " " + ticket.isEmpty());
            return;
        }
        SyncTicket ticket = background;
        background = null;
        try {
            ticket.sync();
        } catch (StorageException e) {
            shard.onSyncFailed(ticket, e);
            crash();
            return;
        }
        shard.onSynced(ticket);
        note("background done");
    }

    private void read() {
        int p = choose();
        ModelLog model = models.get(p);
        PartitionLog log = log(p);
        if (model.written > model.start && log.isOnline()) {
            long from = model.start + random.nextInt((int) (model.written - model.start));
            long to = from + 1 + random.nextInt((int) (model.written - from));
            check(model, log, from, to);
        }
    }

    private void check(ModelLog model, PartitionLog log, long from, long to) {
        long offset = from;
        while (offset < to) {
            LogRead read = log.read(offset, random.nextInt(600), to, true);
            assertThat(read).isInstanceOf(LogRead.Records.class);
            LogRead.Records records = (LogRead.Records) read;
            if (records.isEmpty()) {
                break; // the last batch reaches above the limit
            }
            long next = offset;
            for (Record record :
                    MemoryRecords.readableRecords(Logs.copy(records)).records()) {
                assertThat(record.offset()).isLessThan(to);
                if (record.offset() >= offset) {
                    assertThat(Logs.value(record)).isEqualTo(model.values.get((int) record.offset()));
                }
                next = record.offset() + 1;
            }
            assertThat(records.endOffset()).isEqualTo(next);
            assertThat(next).isGreaterThan(offset);
            records.release();
            offset = next;
        }
    }

    private void truncate() {
        int p = choose();
        ModelLog model = models.get(p);
        PartitionLog log = log(p);
        endTurn();
        if (models.get(p) != model || !log(p).isOnline() || log(p) != log) {
            return;
        }
        if (random.nextInt(5) == 0) {
            long to = model.start + random.nextInt((int) (model.written - model.start) + 20);
            note("restart " + p + " at " + to);
            model.cut(0);
            model.cut(to);
            model.start = to;
            model.promised = 0;
            log.truncateFullyAndStartAt(to);
            return;
        }
        long to = model.start + random.nextInt((int) (model.written - model.start) + 1);
        note("truncate " + p + " to " + to + " of " + model.written);
        List<String> before = model.values;
        long promised = model.promised;
        boolean cuts = to < model.written;
        if (cuts) {
            model.cut(to); // in case of a power cut on the way
            model.promised = Math.max(0, Math.min(model.promised, to - 2)); // a batch of three may go as a whole
        }
        long end = log.truncateTo(to);
        note("... to " + end + " " + log);
        assertThat(end).isLessThanOrEqualTo(to);
        if (cuts) {
            model.values = new ArrayList<>(before.subList(0, (int) end));
            model.written = end;
            model.promised = Math.min(promised, end);
        }
    }

    private void advanceStart() {
        int p = choose();
        ModelLog model = models.get(p);
        long to = model.start + random.nextInt((int) (Math.max(0, model.promised - model.start)) + 1);
        note("start " + p + " at " + to);
        model.start = Math.max(model.start, to);
        log(p).advanceLogStart(to);
    }

    private void retain() {
        int p = choose();
        ModelLog model = models.get(p);
        endTurn();
        if (log(p).isOnline() && models.get(p) == model) {
            int dropped = log(p).deleteOldSegments(nowMs, model.promised);
            note("retain " + p + " dropped " + dropped);
            assertThat(log(p).logStartOffset()).isEqualTo(model.start);
        }
    }

    private void deleteAndCreate() {
        int p = random.nextInt(PARTITIONS);
        note("delete " + p);
        unused.remove(p);
        shard.delete(new TopicPartition("t", p));
        ModelLog model = random.nextBoolean() ? models.get(p).createdAnew() : new ModelLog(new Uuid(7, nextId++));
        models.put(p, model);
        shard.create(new TopicPartition("t", p), model.topicId, Logs.SMALL, nowMs);
    }

    private void fault() {
        switch (random.nextInt(3)) {
            case 0 -> {
                note("write fault");
                disk.failWrites(1);
                endTurn();
                disk.failWrites(0);
            }
            case 1 -> {
                note("sync fault");
                comeBack();
                endTurn();
                disk.failSyncs(out.isEmpty() ? 0 : 1);
                comeBack();
                disk.failSyncs(0);
            }
            default -> {
                note("full disk");
                disk.capacityBytes(disk.usedBytes() + random.nextInt(200));
                endTurn();
                disk.capacityBytes(Long.MAX_VALUE);
            }
        }
    }

    /** The power stays on; all has to be there. */
    void finish() {
        disk.crashAt(Long.MAX_VALUE);
        try {
            restartCleanly();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(seedText + "\n" + trace, e);
        }
    }

    private void restartCleanly() {
        note("clean restart");
        comeBack();
        endTurn();
        comeBack();
        if (background != null) {
            background();
        }
        shard.close();
        shard = open();
        settleAll();
        models.forEach((p, model) -> {
            PartitionLog log = log(p);
            assertThat(log.logEndOffset()).isEqualTo(model.values.size());
            assertThat(log.logStartOffset()).isEqualTo(model.start);
            model.earlier.clear();
            model.written = model.values.size();
            model.promised = model.written;
            check(model, log, model.start, model.written);
        });
        out = shard.endTurn(nowMs).ticket();
        outPromises = new TreeMap<>();
    }

    private void crash() {
        note("crash");
        disk = disk.afterCrash(random);
        reopen();
    }

    /** Starts anew, and uses some of the logs at once, others later. */
    private void reopen() {
        background = null;
        try {
            unused.clear(); // told anew by what the start finds
            unused.addAll(models.keySet());
            shard = open();
            assertThat(shard.openFailures()).isEmpty();
            if (random.nextInt(3) == 0) {
                settleAll();
            }
        } catch (SimDisk.PowerCut e) {
            crash();
            return;
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(seedText + "\n" + trace, e);
        }
        out = shard.endTurn(nowMs).ticket();
        outPromises = new TreeMap<>();
    }

    private void recoverNext() {
        note("recover next");
        shard.recoverNext(failure -> {
            throw new AssertionError(failure);
        });
    }

    private void settleAll() {
        List.copyOf(unused).forEach(this::settle);
    }

    /** The first use of a log since a crash: it shows what that left. */
    private void settle(int p) {
        if (unused.remove(p)) {
            note("first use of " + p);
            checkRecovered(p, models.get(p));
        }
    }

    private void checkRecovered(int p, ModelLog model) {
        PartitionLog log = find(p);
        if (!log.topicId().equals(model.topicId)) {
            assertThat(model.promised).as("lost with its incarnation").isEqualTo(0);
            shard.delete(log.topicPartition());
            models.put(p, new ModelLog(new Uuid(7, nextId++)));
            shard.create(log.topicPartition(), models.get(p).topicId, Logs.SMALL, nowMs);
            return;
        }
        long from = log.logStartOffset();
        assertThat(log.logEndOffset()).as("promised of %d", p).isGreaterThanOrEqualTo(model.promised);
        List<String> found = Logs.values(log, from, log.logEndOffset(), 500);
        assertThat(model.mayBecome(from, found))
                .as("%d holds %s from %d, expected a prefix of %s", p, found, from, model.values)
                .isTrue();
        model.becomes(from, found);
    }

    private ShardLog open() {
        ShardLogConfig config = new ShardLogConfig(0, 3, 0, 200, ProducerLimits.DEFAULT, journal);
        ShardLog opened =
                ShardLog.open(LogDirectories.open(disk, List.of(ROOT)), config, tp -> true, Logs.SMALL, nowMs);
        for (int p = 0; p < PARTITIONS; p++) {
            TopicPartition partition = new TopicPartition("t", p);
            if (opened.partition(partition).isEmpty()) {
                ModelLog known = models.get(p);
                assertThat(known == null ? 0 : known.promised)
                        .as("%d is gone: nothing above its start was promised", p)
                        .isLessThanOrEqualTo(known == null ? 0 : known.start);
                boolean again = known != null && random.nextBoolean(); // what journals have of it must not come back
                models.put(p, new ModelLog(again ? known.topicId : new Uuid(7, nextId++)));
                unused.remove(p);
                opened.create(partition, models.get(p).topicId, Logs.SMALL, nowMs);
            }
        }
        return opened;
    }

    private PartitionLog log(int p) {
        settle(p);
        return find(p);
    }

    private int choose() {
        int p = random.nextInt(PARTITIONS);
        settle(p);
        return p;
    }

    private PartitionLog find(int p) {
        return shard.partition(new TopicPartition("t", p)).orElseThrow();
    }

    private void note(String what) {
        trace.append(what).append('\n');
    }
}
