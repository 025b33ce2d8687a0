// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.log.disk.SimDisk;
import io.tailrace.log.producer.TransactionTerms;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.record.internal.CompressionType;
import org.junit.jupiter.api.Test;

/** Retention, the removal of files and the roll by time, through a shard and its files. */
class RetentionTest {

    private static final TopicPartition PARTITION = new TopicPartition("t", 0);
    private static final Path FILES = Path.of("/data/t-0");

    private final SimDisk disk = new SimDisk();
    private final ShardLog shard = ShardLog.open(
            LogDirectories.open(disk, List.of(Path.of("/data"))),
            ShardLogConfig.of(0),
            tp -> true,
            LogConfig.DEFAULT,
            0);

    @Test
    void anExpiredActiveSegmentIsRolledAndDeleted() {
        PartitionLog log = log("retention.ms", "1000");
        write(log, 100);
        write(log, 200);

        assertThat(log.deleteOldSegments(1_200, 2)).as("not older than allowed").isZero();
        assertThat(log.deleteOldSegments(1_201, 1)).as("not replicated").isZero();
        assertThat(log.deleteOldSegments(1_201, 2)).isEqualTo(1);

        assertThat(log.logStartOffset()).isEqualTo(2);
        assertThat(log.logEndOffset()).isEqualTo(2);
        assertThat(log.sizeBytes()).isZero();
        write(log, 1_300);
        assertThat(Logs.values(log, 2, 3, 1000)).containsExactly("v1300");
    }

    @Test
    void aLogThatNobodyUsesIsLoadedForRetentionOnlyIfItsFilesAreOldOrMany() {
        String[] settings = {
            "retention.ms", "1000", "retention.bytes", "2000", TopicSettings.INTERNAL_SEGMENT_BYTES, "250"
        };
        PartitionLog log = log(settings);
        for (int i = 0; i < 10; i++) {
            write(log, i);
        }
        shard.close();
        ShardLog again = ShardLog.open(
                LogDirectories.open(disk, List.of(Path.of("/data"))),
                ShardLogConfig.of(0),
                tp -> true,
                log.config(),
                0);
        PartitionLog idle = again.partition(PARTITION).orElseThrow();
        disk.allModifiedMs(500);

        assertThat(idle.mayHaveOldSegments(1_500)).as("not old, not large").isFalse();
        assertThat(idle.mayHaveOldSegments(1_501)).as("old").isTrue();
        idle.updateConfig(config("retention.ms", "-1", "retention.bytes", "300"));
        assertThat(idle.mayHaveOldSegments(1_501)).as("large").isTrue();
        idle.updateConfig(config("retention.ms", "-1", "retention.bytes", "100", "cleanup.policy", "compact"));
        assertThat(idle.mayHaveOldSegments(9_999)).as("not to be deleted").isFalse();
        assertThat(idle.logEndOffset()).isEqualTo(10);
        assertThat(idle.latestEpoch()).as("loads it").isGreaterThanOrEqualTo(-1);
        assertThat(idle.mayHaveOldSegments(1_500)).as("in use").isTrue();
    }

    @Test
    void aLogThatIsTooLargeLosesItsOldestSegments() {
        PartitionLog log = log("retention.bytes", "500", TopicSettings.INTERNAL_SEGMENT_BYTES, "250");
        for (int i = 0; i < 30; i++) {
            write(log, i);
        }

        assertThat(log.deleteOldSegments(100, 30)).isPositive();

        assertThat(log.sizeBytes()).isBetween(500L, 750L);
        assertThat(log.logEndOffset()).isEqualTo(30);
    }

    @Test
    void filesOfADeletedSegmentStayForTheDelay() {
        PartitionLog log = log("retention.ms", "1000", "file.delete.delay.ms", "500");
        write(log, 100);
        log.deleteOldSegments(2_000, 1);

        Logs.removeDue(shard, 2_499);
        assertThat(disk.list(FILES)).contains("00000000000000000000.log.deleted");
        Logs.removeDue(shard, 2_500);
        assertThat(disk.list(FILES)).noneMatch(name -> name.endsWith(".deleted"));
    }

    @Test
    void filesOfADeletedPartitionStayForTheDelayAndGoWithTheirDirectory() {
        write(log("file.delete.delay.ms", "500"), 100);
        shard.tick(1_000);
        shard.delete(PARTITION);

        Logs.removeDue(shard, 1_499);
        assertThat(deletedDirectories()).hasSize(1);
        Logs.removeDue(shard, 1_500);
        assertThat(deletedDirectories()).isEmpty();
    }

    @Test
    void aSegmentIsRolledWhenItsFirstRecordIsOldEnough() {
        PartitionLog log = log("segment.ms", "1000");
        write(log, 100);
        write(log, 1_100);
        assertThat(segments()).hasSize(1);

        write(log, 1_101);

        assertThat(segments()).hasSize(2);
    }

    @Test
    void jitterRollsEarlierAndNotAllLogsAtOnce() {
        List<Integer> rolledAt = new ArrayList<>();
        for (int p = 0; p < 8; p++) {
            TopicPartition partition = new TopicPartition("j", p);
            PartitionLog log = shard.create(
                    partition,
                    new Uuid(2, p),
                    LogConfig.from(Map.of("segment.ms", "1000", "segment.jitter.ms", "500")),
                    0);
            Path files = Path.of("/data/" + partition);
            int time = 0;
            while (disk.list(files).stream()
                            .filter(name -> name.endsWith(".log"))
                            .count()
                    < 2) {
                write(log, time);
                time += 10;
            }
            rolledAt.add(time - 10);
        }
        assertThat(rolledAt).allMatch(time -> time > 500 && time <= 1_010);
        assertThat(rolledAt.stream().distinct().count()).isGreaterThan(4);
    }

    @Test
    void aCompactedTopicRollsInTimeForItsLag() {
        PartitionLog log = log("segment.ms", "100000", "cleanup.policy", "compact", "max.compaction.lag.ms", "1000");
        write(log, 100);
        write(log, 1_101);

        assertThat(segments()).hasSize(2);
    }

    private PartitionLog log(String... settings) {
        return shard.create(PARTITION, new Uuid(1, 1), config(settings), 0);
    }

    private static LogConfig config(String... settings) {
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            map.put(settings[i], settings[i + 1]);
        }
        return LogConfig.from(map);
    }

    private void write(PartitionLog log, long nowMs) {
        var batch = Batches.plain(CompressionType.NONE, Batches.record(nowMs, "k", "v" + nowMs));
        log.append(batch, 0, AppendOrigin.CLIENT, TransactionTerms.NONE, nowMs);
        Logs.sync(shard, shard.endTurn(nowMs).ticket());
    }

    private List<String> segments() {
        return disk.list(FILES).stream().filter(name -> name.endsWith(".log")).toList();
    }

    private List<String> deletedDirectories() {
        return disk.list(Path.of("/data")).stream()
                .filter(name -> name.endsWith("-delete"))
                .toList();
    }
}
