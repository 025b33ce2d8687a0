// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import static io.tailrace.log.Logs.SMALL;
import static io.tailrace.log.Logs.append;
import static io.tailrace.log.Logs.commit;
import static io.tailrace.log.Logs.copy;
import static io.tailrace.log.Logs.values;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.log.disk.Disk;
import io.tailrace.log.disk.RealDisk;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.Record;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardLogTest {

    private static final TopicPartition T0 = new TopicPartition("t", 0);
    private static final Uuid ID = new Uuid(1, 2);

    @TempDir
    Path directory;

    private final Disk disk = new RealDisk();

    @Test
    void countsAnAppendOnlyOnceItIsSynced() {
        ShardLog shard = open();
        PartitionLog log = shard.create(T0, ID, LogConfig.DEFAULT, 0);

        var result = append(log, Batches.of(10, "a", "b"));

        assertThat(result).isEqualTo(new AppendResult.Appended(0, 2, -1, 0));
        assertThat(log.logEndOffset()).isZero();
        SyncTicket ticket = shard.endTurn(1).ticket();
        assertThat(log.logEndOffset()).isEqualTo(2);
        assertThat(log.durableEndOffset()).isZero();
        ticket.sync();
        shard.onSynced(ticket);
        assertThat(log.durableEndOffset()).isEqualTo(2);
        shard.close();
    }

    @Test
    void readsBackWhatWasAppendedAcrossSegmentsAndRestarts() {
        ShardLog shard = open();
        PartitionLog log = shard.create(T0, ID, SMALL, 0);
        List<String> written = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            append(log, Batches.of(i, "value-" + i));
            written.add("value-" + i);
            if (i % 7 == 0) {
                commit(shard);
            }
        }
        commit(shard);

        assertThat(values(log, 0, 100, 1 << 20)).isEqualTo(written);
        assertThat(values(log, 37, 90, 200)).isEqualTo(written.subList(37, 90));
        shard.close();

        ShardLog again = open();
        PartitionLog reopened = again.partition(T0).orElseThrow();
        assertThat(reopened.logEndOffset()).isEqualTo(100);
        assertThat(reopened.durableEndOffset()).isEqualTo(100);
        assertThat(values(reopened, 0, 100, 300)).isEqualTo(written);
        again.close();
    }

    @Test
    void recoversWithoutACleanStop() {
        ShardLog shard = open();
        PartitionLog log = shard.create(T0, ID, SMALL, 0);
        log.startEpoch(3);
        for (int i = 0; i < 50; i++) {
            append(log, Batches.of(i, "value-" + i));
            commit(shard);
        }

        ShardLog again = open();

        assertThat(again.openFailures()).isEmpty();
        PartitionLog reopened = again.partition(T0).orElseThrow();
        assertThat(reopened.topicId()).isEqualTo(ID);
        assertThat(reopened.logEndOffset()).isEqualTo(50);
        assertThat(reopened.latestEpoch()).isEqualTo(3);
        assertThat(values(reopened, 0, 50, 1 << 20)).hasSize(50);
    }

    @Test
    void segmentsAreKafkas() throws IOException {
        ShardLog shard = open();
        PartitionLog log = shard.create(T0, ID, LogConfig.DEFAULT, 0);
        for (int i = 0; i < 10; i++) {
            append(log, Batches.of(i, "value-" + i));
        }
        shard.close();

        File file = directory.resolve("t-0/00000000000000000000.log").toFile();
        try (FileRecords records = FileRecords.open(file, false)) {
            List<Long> offsets = new ArrayList<>();
            for (Record record : records.records()) {
                record.ensureValid();
                offsets.add(record.offset());
            }
            assertThat(offsets).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
        }
    }

    @Test
    void truncatesToABatchBoundaryAndGoesOn() {
        ShardLog shard = open();
        PartitionLog log = shard.create(T0, ID, SMALL, 0);
        for (int i = 0; i < 60; i++) {
            append(log, Batches.of(i, "value-" + i, "x"));
        }
        commit(shard);

        assertThat(log.truncateTo(31)).isEqualTo(30);
        append(log, Batches.of(99, "new"));
        commit(shard);

        assertThat(log.logEndOffset()).isEqualTo(31);
        assertThat(log.durableEndOffset()).isEqualTo(31);
        assertThat(values(log, 28, 31, 1 << 20)).containsExactly("value-14", "x", "new");
        log.truncateFullyAndStartAt(1000);
        assertThat(log.logStartOffset()).isEqualTo(1000);
        append(log, Batches.of(99, "far"));
        commit(shard);
        assertThat(values(log, 1000, 1001, 1 << 20)).containsExactly("far");
        shard.close();
        assertThat(open().partition(T0).orElseThrow().logStartOffset()).isEqualTo(1000);
    }

    @Test
    void findsOffsetsByTime() {
        ShardLog shard = open();
        PartitionLog log = shard.create(T0, ID, SMALL, 0);
        for (int i = 0; i < 60; i++) {
            append(log, Batches.of(1000 + i * 10, "a", "b"));
        }
        commit(shard);

        assertThat(log.offsetForTimestamp(1300, 120)).contains(new TimestampedOffset(60, 1300, 0));
        assertThat(log.offsetForTimestamp(1301, 120)).contains(new TimestampedOffset(62, 1310, 0));
        assertThat(log.offsetForTimestamp(0, 120)).contains(new TimestampedOffset(0, 1000, 0));
        assertThat(log.offsetForTimestamp(9999, 120)).isEmpty();
        assertThat(log.maxTimestamp()).contains(new TimestampedOffset(118, 1590, 0));
    }

    @Test
    void deletesSegmentsBelowTheLogStartAndTheirFiles() {
        ShardLog shard = open();
        PartitionLog log = shard.create(T0, ID, SMALL, 0);
        for (int i = 0; i < 60; i++) {
            append(log, Batches.of(i, "value-" + i));
        }
        commit(shard);

        log.advanceLogStart(40);
        assertThat(log.deleteOldSegments(0, 60)).isPositive();
        Logs.removeDue(shard, LogConfig.DEFAULT.segments().fileDeleteDelayMs());

        assertThat(values(log, 40, 60, 1 << 20)).hasSize(20);
        assertThat(log.read(39, 100, 60, true)).isEqualTo(new LogRead.OutOfRange(39, 40, 60));
        assertThat(disk.list(directory.resolve("t-0"))).noneMatch(name -> name.endsWith(".deleted"));
    }

    @Test
    void deletedPartitionLeavesNothingAndMayBeCreatedAgain() {
        ShardLog shard = open();
        PartitionLog log = shard.create(T0, ID, SMALL, 0);
        append(log, Batches.of(0, "old"));
        commit(shard);
        LogRead.Records held = (LogRead.Records) log.read(0, 1000, 1, true);

        shard.delete(T0);
        PartitionLog fresh = shard.create(T0, new Uuid(3, 4), SMALL, 0);
        Logs.removeDue(shard, LogConfig.DEFAULT.segments().fileDeleteDelayMs());

        assertThat(log.isOnline()).isFalse();
        assertThat(fresh.logEndOffset()).isZero();
        assertThat(copy(held).limit()).isPositive();
        held.release();
        assertThat(disk.list(directory)).noneMatch(name -> name.endsWith("-delete"));
    }

    private ShardLog open() {
        return ShardLog.open(LogDirectories.open(disk, List.of(directory)), ShardLogConfig.of(0), tp -> true, SMALL, 0);
    }
}
