// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import static io.tailrace.log.Logs.SMALL;
import static io.tailrace.log.Logs.append;
import static io.tailrace.log.Logs.commit;
import static io.tailrace.log.Logs.sync;
import static io.tailrace.log.Logs.values;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.log.disk.SimDisk;
import io.tailrace.log.journal.JournalPolicy;
import io.tailrace.log.producer.ProducerLimits;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

/** A log that was rotten is deleted, and made anew for the same topic: nothing of the old one may get into the new one. */
class RecreatedLogTest {

    private static final TopicPartition T0 = new TopicPartition("t", 0);
    private static final TopicPartition T1 = new TopicPartition("t", 1);
    private static final Uuid ID = new Uuid(1, 2);
    private static final Path ROOT = Path.of("/data");

    private SimDisk disk = new SimDisk();

    @Test
    void takesNothingThatTheJournalHasOfTheOldOne() {
        ShardLog shard = openWithJournal();
        PartitionLog old = shard.partition(T0).orElseThrow();
        journal(shard, old, "old-0", "old-1");

        shard.delete(T0);
        PartitionLog fresh = shard.create(T0, ID, SMALL, 0);
        append(fresh, Batches.of(0, "new-0"));
        commit(shard);

        assertThat(afterKill()).containsExactly("new-0");
    }

    @Test
    void takesNothingThatTheJournalHasAlsoIfItsFirstCheckpointIsNotThereYet() {
        ShardLog shard = openWithJournal();
        journal(shard, shard.partition(T0).orElseThrow(), "old-0", "old-1");
        shard.delete(T0);
        commit(shard); // a checkpoint that knows nothing of the old one any more

        PartitionLog fresh = shard.create(T0, ID, SMALL, 0);
        append(fresh, Batches.of(0, "new-0"));
        shard.endTurn(0); // written, and neither synced nor in a checkpoint

        assertThat(afterKill()).containsExactly("new-0");
    }

    @Test
    void takesNothingThatTheJournalHasIfItIsMadeAfterARestart() {
        ShardLog shard = openWithJournal();
        journal(shard, shard.partition(T0).orElseThrow(), "old-0", "old-1");
        journal(shard, shard.partition(T1).orElseThrow(), "other"); // keeps the journal
        shard.delete(T0);
        commit(shard);

        shard = open(); // killed
        PartitionLog fresh = shard.create(T0, ID, SMALL, 0);
        append(fresh, Batches.of(0, "new-0"));
        shard.endTurn(0);

        assertThat(afterKill()).containsExactly("new-0");
    }

    @Test
    void isNotTakenForDamagedByWhatTheCheckpointSaysOfTheOldOne() {
        ShardLog shard = openWithJournal();
        PartitionLog old = shard.partition(T0).orElseThrow();
        for (int i = 0; i < 50; i++) {
            append(old, Batches.of(0, "old-" + i));
        }
        commit(shard);
        shard.tick(1_000_000);
        commit(shard); // the checkpoint says that 50 records are synced
        shard.delete(T0);
        shard.create(T0, ID, SMALL, 0);

        shard = open(); // killed before any ticket came back
        PartitionLog found = shard.partition(T0).orElseThrow();
        assertThat(found.logEndOffset()).isZero();
        assertThat(found.offlineReason()).isEmpty();

        shard.delete(T0);
        shard.endTurn(0);
        shard = open(); // killed, and the name is still in a checkpoint
        found = shard.partition(T0).orElseGet(() -> null);
        assertThat(found).isNull();
        shard.create(T0, ID, SMALL, 0);
        found = open().partition(T0).orElseThrow();
        assertThat(found.logEndOffset()).isZero();
        assertThat(found.offlineReason()).isEmpty();
    }

    @Test
    void getsNoSnapshotOfTheOldOneFromATicketThatWasOut() {
        ShardLog shard = openWithJournal();
        PartitionLog old = shard.partition(T0).orElseThrow();
        SyncTicket out = rolled(shard, old);

        shard.delete(T0);
        PartitionLog fresh = shard.create(T0, ID, SMALL, 0);
        sync(shard, out);
        commit(shard);

        assertThat(disk.list(ROOT.resolve("t-0")))
                .noneMatch(it -> it.endsWith(".snapshot") || it.equals("leader-epoch-checkpoint"));
        assertThat(fresh.isOnline()).isTrue();
    }

    /** A ticket that writes a snapshot, out. */
    private static SyncTicket rolled(ShardLog shard, PartitionLog log) {
        for (int i = 0; i < 100; i++) {
            append(log, Batches.of(0, "x".repeat(100)));
            SyncTicket ticket = shard.endTurn(0).ticket();
            if (ticket.promises().stream().anyMatch(it -> it.snapshotOffset() >= 0)) {
                return ticket;
            }
            sync(shard, ticket);
        }
        throw new AssertionError("no segment was closed");
    }

    @Test
    void nothingCountsInALogWithoutADurableName() {
        ShardLog shard = openWithJournal();
        journal(shard, shard.partition(T1).orElseThrow(), "x");
        append(shard.partition(T1).orElseThrow(), Batches.of(0, "y"));
        SyncTicket out = shard.endTurn(0).ticket(); // out for long
        PartitionLog late = shard.create(new TopicPartition("late", 0), new Uuid(5, 5), SMALL, 0);
        for (int i = 0; i < 40; i++) {
            append(late, Batches.of(0, "late-" + i));
            shard.endTurn(0);
        }
        SyncTicket background = shard.backgroundTicket();
        sync(shard, background);
        long counted = late.durableEndOffset();

        disk = disk.afterCrash(new Random(1));
        long found = open().partition(new TopicPartition("late", 0))
                .map(PartitionLog::logEndOffset)
                .orElse(0L);
        assertThat(out.isEmpty()).isFalse();
        assertThat(counted).isLessThanOrEqualTo(found);
    }

    private void journal(ShardLog shard, PartitionLog log, String... values) {
        for (String value : values) {
            append(log, Batches.of(0, value));
            SyncTicket ticket = shard.endTurn(0).ticket();
            assertThat(ticket.promises()).anyMatch(it -> it.place() == SyncTicket.Place.JOURNAL && it.log() == log);
            sync(shard, ticket);
        }
    }

    /** What the log holds after the process was killed. */
    private List<String> afterKill() {
        PartitionLog log = open().partition(T0).orElseThrow();
        return values(log, log.logStartOffset(), log.logEndOffset(), 1000);
    }

    /** Both partitions are there, and small appends go through the journal. */
    private ShardLog openWithJournal() {
        ShardLog shard = open();
        for (TopicPartition partition : List.of(T0, T1)) {
            PartitionLog log = shard.create(partition, ID, SMALL, 0);
            append(log, Batches.of(0, "first of " + partition));
        }
        commit(shard);
        Logs.sync(shard, shard.backgroundTicket()); // makes the files
        return shard;
    }

    private ShardLog open() {
        var config = new ShardLogConfig(0, 8, 0, 60_000, ProducerLimits.DEFAULT, new JournalPolicy(4000, 500, 900, 2));
        return ShardLog.open(LogDirectories.open(disk, List.of(ROOT)), config, tp -> true, SMALL, 0);
    }
}
