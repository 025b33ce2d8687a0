// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.log.disk.SimDisk;
import io.tailrace.log.disk.StorageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

/** What a ticket does is the same whoever helps with it, and in whatever order. */
class SyncTicketTest {

    private static final int PARTITIONS = 30;

    private final List<Integer> pieces = new ArrayList<>();
    private final SyncTicket.Spread backwards = work -> {
        pieces.add(work.size());
        work.reversed().forEach(Runnable::run);
    };
    private SimDisk disk = new SimDisk();
    private ShardLog shard = open();

    @Test
    void aSpreadTicketMakesAllOfItsLogsDurable() {
        SyncTicket ticket = writeToAll();

        ticket.sync(backwards);
        shard.onSynced(ticket);

        assertThat(pieces).contains(SyncTicket.PIECES).allMatch(count -> count <= SyncTicket.PIECES);
        assertThat(shard.partitions()).allMatch(log -> log.durableEndOffset() == 1);
        disk = disk.afterCrash(new Random(1));
        shard = open();
        assertThat(shard.partitions()).hasSize(PARTITIONS).allMatch(log -> log.logEndOffset() == 1);
    }

    @Test
    void oneFileIsToldFromMore() {
        SyncTicket first = writeToAll();
        assertThat(first.isOneFile()).as("many, and directories").isFalse();
        Logs.sync(shard, first);
        Logs.commit(shard);

        Logs.append(shard.partitions().iterator().next(), Batches.of(1, "value"));
        assertThat(shard.endTurn(0).ticket().isOneFile()).isTrue();
    }

    @Test
    void aFailureInOnePieceFailsTheTicket() {
        SyncTicket ticket = writeToAll();
        disk.failSyncs(1);

        assertThatThrownBy(() -> ticket.sync(backwards)).isInstanceOf(StorageException.class);
        shard.onSyncFailed(ticket, new StorageException(StorageException.Kind.IO, "told"));

        assertThat(shard.partitions()).noneMatch(PartitionLog::isOnline);
    }

    /** Found by chaos: all logs were offline for good, and nobody was told, since the failure was taken for a passing one. */
    @Test
    void aFullDiskKeepsTheOldCheckpointAndTheLogsGoOn() {
        Logs.sync(shard, writeToAll());
        SyncTicket ticket = writeToAll();
        disk.capacityBytes(disk.usedBytes());
        shard.tick(Long.MAX_VALUE / 2);

        Logs.sync(shard, ticket);
        Logs.sync(shard, shard.endTurn(0).ticket());

        assertThat(shard.partitions()).allMatch(PartitionLog::isOnline).allMatch(log -> log.durableEndOffset() == 2);
        disk.capacityBytes(Long.MAX_VALUE);
        disk = disk.afterCrash(new Random(3));
        shard = open();
        assertThat(shard.partitions()).hasSize(PARTITIONS).allMatch(log -> log.logEndOffset() == 2);
    }

    @Test
    void aTicketThatFailsOnAFullDiskLeavesNoLogThatGoesOn() {
        SyncTicket ticket = writeToAll();
        StorageException full = new StorageException(StorageException.Kind.NO_SPACE, "full");

        assertThat(shard.onSyncFailed(ticket, full)).hasSize(PARTITIONS).noneMatch(LogFailure::isRetriable);
        assertThat(shard.partitions()).noneMatch(PartitionLog::isOnline);
    }

    @Test
    void aStartAfterACrashSyncsWhatTheJournalHadForAllLogsTogether() {
        writeToAll(); // makes the journal wanted
        Logs.sync(shard, shard.backgroundTicket());
        disk = disk.afterCrash(new Random(2));
        shard = open();
        Logs.commit(shard);
        SyncTicket first = writeToAll();
        Logs.sync(shard, first);
        Logs.sync(shard, shard.backgroundTicket());
        SyncTicket journaled = writeToAll();
        assertThat(journaled.fileCount())
                .as("the journal alone, or with a checkpoint")
                .isLessThan(3);
        Logs.sync(shard, journaled);
        List<Long> ends =
                shard.partitions().stream().map(PartitionLog::logEndOffset).toList();
        disk = disk.afterCrash(new Random(3));
        pieces.clear();

        shard = open();

        assertThat(shard.partitions().stream().map(PartitionLog::logEndOffset)).isEqualTo(ends);
        assertThat(shard.partitions()).allMatch(log -> log.durableEndOffset() == log.logEndOffset());
        assertThat(files(".journal")).as("until the segments are synced").isNotEmpty();
        SyncTicket segments = shard.backgroundTicket();
        segments.sync(backwards);
        shard.onSynced(segments);
        assertThat(pieces).as("one ticket: files, then directories").containsExactly(4, 4);
        assertThat(files(".journal")).isEmpty();
    }

    @Test
    void aJournalFileThatIsThereIsNotFilledAgain() {
        Logs.sync(shard, writeToAll());
        Logs.sync(shard, shard.backgroundTicket());
        shard.close();
        assertThat(files(".journal")).isEmpty();
        assertThat(files(".spare")).hasSize(2);
        shard = open();
        Logs.sync(shard, writeToAll());
        long writes = disk.writes();

        Logs.sync(shard, shard.backgroundTicket());

        assertThat(disk.writes() - writes).as("a header each").isEqualTo(2);
        assertThat(files(".spare")).isEmpty();
        assertThat(files(".journal")).hasSize(2);
    }

    @Test
    void aStartAfterACrashTouchesNoLogThatNobodyUses() {
        Logs.sync(shard, writeToAll());
        long operations = disk.operations();

        shard = open(); // as after kill -9

        assertThat(disk.operations() - operations).as("not one per log").isLessThan(PARTITIONS);
        assertThat(shard.partitions().iterator().next().durableEndOffset()).isEqualTo(1);
    }

    private List<String> files(String suffix) {
        return disk.list(Path.of("/data")).stream()
                .filter(name -> name.endsWith(suffix))
                .toList();
    }

    @Test
    void theNameOfANewLogIsSyncedOnce() {
        Logs.sync(shard, writeToAll());
        Logs.sync(shard, shard.backgroundTicket()); // there is a journal now
        PartitionLog log = shard.create(new TopicPartition("new", 0), new Uuid(1, 99), LogConfig.DEFAULT, 0);
        Logs.commit(shard); // the checkpoint that knows of it
        List<Long> syncs = new ArrayList<>();

        for (int write = 0; write < 3; write++) {
            Logs.append(log, Batches.of(0, "value"));
            SyncTicket ticket = shard.endTurn(0).ticket();
            long before = disk.syncs();
            Logs.sync(shard, ticket);
            syncs.add(disk.syncs() - before);
        }

        assertThat(syncs.getFirst()).as("the journal and names").isGreaterThan(1);
        assertThat(syncs.subList(1, 3)).as("the journal alone").containsOnly(1L);
    }

    @Test
    void aNodeThatIsNotWrittenToMakesNoJournal() {
        assertThat(shard.endTurn(0).ticket().isEmpty()).isTrue();
        assertThat(shard.backgroundTicket().isEmpty()).isTrue();
    }

    @Test
    void noTopicCanHaveADirectoryNamedLikeAJournal() {
        writeToAll();
        Logs.sync(shard, shard.backgroundTicket());

        assertThat(disk.list(Path.of("/data")))
                .filteredOn(name -> name.contains("journal"))
                .isNotEmpty()
                .noneMatch(name -> name.matches(".+-\\d+"));
    }

    private SyncTicket writeToAll() {
        for (int p = 0; p < PARTITIONS; p++) {
            PartitionLog log = shard.create(new TopicPartition("t", p), new Uuid(1, p + 1), LogConfig.DEFAULT, 0);
            Logs.append(log, Batches.of(0, "value"));
        }
        return shard.endTurn(0).ticket();
    }

    private ShardLog open() {
        return ShardLog.open(
                LogDirectories.open(disk, List.of(Path.of("/data"))),
                ShardLogConfig.of(0),
                tp -> true,
                LogConfig.DEFAULT,
                0);
    }
}
