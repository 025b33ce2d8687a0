// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.log.compaction.ClaimedPlan;
import io.tailrace.log.compaction.CompactionResult;
import io.tailrace.log.compaction.CompactionResult.Replacement;
import io.tailrace.log.compaction.CompactionTask;
import io.tailrace.log.compaction.OffsetMap;
import io.tailrace.log.disk.SimDisk;
import io.tailrace.log.producer.TransactionTerms;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.record.internal.CompressionType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who may change a log while a pass works on a picture of it, and what becomes of the pass then. */
class LogCleaningTest {

    private static final TopicPartition PARTITION = new TopicPartition("t", 0);
    private static final LogConfig CONFIG = LogConfig.from(Map.of(
            "cleanup.policy", "compact", TopicSettings.INTERNAL_SEGMENT_BYTES, "400", "index.interval.bytes", "100"));

    private SimDisk disk = new SimDisk();
    private ShardLog shard;
    private PartitionLog log;

    @BeforeEach
    void fillsAHandfulOfSegmentsWithTwoKeys() {
        open();
        log = shard.create(PARTITION, new Uuid(1, 1), CONFIG, 0);
        write(40);
    }

    @Test
    void aPassKeepsOffsetsAndTheNewestRecordOfEachKey() {
        long sizeBefore = log.sizeBytes();
        long end = log.logEndOffset();

        assertThat(takeIn(claim())).isTrue();

        assertThat(log.sizeBytes()).isLessThan(sizeBefore / 2);
        assertThat(log.logEndOffset()).isEqualTo(end);
        assertThat(log.logStartOffset()).isZero();
        assertThat(log.cleanedEndOffset()).isPositive();
        assertThat(log.claimForCleaning(end, 0)).as("nothing is dirty").isEmpty();
    }

    @Test
    void aTopicThatIsNotCompactedIsLeftAlone() {
        log.updateConfig(Logs.SMALL);

        assertThat(log.claimForCleaning(log.logEndOffset(), 0)).isEmpty();
    }

    @Test
    void nothingAboveTheHighWatermarkIsCleaned() {
        ClaimedPlan claimed = log.claimForCleaning(20, 0).orElseThrow();

        assertThat(claimed.plan().endOffset()).isLessThanOrEqualTo(20);
    }

    @Test
    void aCutVoidsTheClaim() {
        ClaimedPlan claimed = claim();
        CompactionResult result = run(claimed);

        log.truncateTo(2);
        write(40); // segments with the same names, and other records

        assertThat(claimed.claim().isVoid()).isTrue();
        assertRefused(claimed, result);
    }

    @Test
    void aDeletionVoidsTheClaim() {
        ClaimedPlan claimed = claim();
        CompactionResult result = run(claimed);

        shard.delete(PARTITION);

        assertThat(claimed.claim().isVoid()).isTrue();
        assertThat(log.takeIn(claimed.claim(), result.replacements().getFirst()))
                .isFalse();
    }

    @Test
    void theNextClaimVoidsTheOneBefore() {
        ClaimedPlan claimed = claim();
        CompactionResult result = run(claimed);

        ClaimedPlan next = claim();

        assertThat(claimed.claim().isVoid()).isTrue();
        assertThat(next.claim().isVoid()).isFalse();
        assertRefused(claimed, result);
    }

    @Test
    void aCleanedSegmentIsRefusedIfRetentionTookOneOfThoseItStandsFor() {
        ClaimedPlan claimed = claim();
        CompactionResult result = run(claimed);

        log.advanceLogStart(20);
        assertThat(log.deleteOldSegments(0, log.logEndOffset())).isPositive();

        assertRefused(claimed, result);
        assertThat(log.cleanedTo(claimed.claim(), result.cleanedTo())).isFalse();
        assertThat(log.cleanedEndOffset()).isZero();
    }

    @Test
    void aCutLowersHowFarTheLogIsClean() {
        takeIn(claim());

        log.truncateTo(log.cleanedEndOffset() - 3); // between two batches: what was there is compacted away

        assertThat(log.cleanedEndOffset()).isEqualTo(log.logEndOffset());
    }

    @Test
    void aStopRemembersHowFarTheLogIsClean() {
        takeIn(claim());
        long cleaned = log.cleanedEndOffset();

        shard.close();
        reopen();

        assertThat(log.cleanedEndOffset()).isEqualTo(cleaned).isPositive();
    }

    @Test
    void aCrashLeavesACleanedLogAsItWasAlsoWhereNoCheckpointKnowsThatItIsSynced() {
        takeIn(claim());
        long end = log.logEndOffset();
        long size = log.sizeBytes();

        disk = disk.afterCrash(new Random(1));
        reopen();

        assertThat(log.logEndOffset()).isEqualTo(end);
        assertThat(log.sizeBytes()).isEqualTo(size);
    }

    private void write(int batches) {
        for (int i = 0; i < batches; i++) {
            var records = Batches.plain(
                    CompressionType.NONE, Batches.record(0, "k" + i % 2, log.nextOffset() + "-" + "x".repeat(20)));
            log.append(records, 0, AppendOrigin.CLIENT, TransactionTerms.NONE, 0);
        }
        Logs.commit(shard);
    }

    private ClaimedPlan claim() {
        return log.claimForCleaning(log.logEndOffset(), 0).orElseThrow();
    }

    private CompactionResult run(ClaimedPlan claimed) {
        try (CompactionTask task = new CompactionTask(claimed.plan(), disk, new OffsetMap(1000), 0)) {
            while (!task.step(1 << 20)) {
                // bounded work, again
            }
            return task.result();
        }
    }

    private boolean takeIn(ClaimedPlan claimed) {
        CompactionResult result = run(claimed);
        for (Replacement replacement : result.replacements()) {
            if (!log.takeIn(claimed.claim(), replacement)) {
                return false;
            }
        }
        return log.cleanedTo(claimed.claim(), result.cleanedTo());
    }

    private void assertRefused(ClaimedPlan claimed, CompactionResult result) {
        List<String> before = disk.list(Path.of("/data/t-0"));
        assertThat(log.takeIn(claimed.claim(), result.replacements().getFirst()))
                .isFalse();
        assertThat(disk.list(Path.of("/data/t-0"))).isEqualTo(before);
    }

    private void open() {
        shard = ShardLog.open(
                LogDirectories.open(disk, List.of(Path.of("/data"))), ShardLogConfig.of(0), tp -> true, CONFIG, 0);
    }

    private void reopen() {
        open();
        log = shard.partition(PARTITION).orElseThrow();
        log.latestEpoch(); // loads it
    }
}
