// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.scrub;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.log.AppendResult;
import io.tailrace.log.Batches;
import io.tailrace.log.LogConfig;
import io.tailrace.log.LogDirectories;
import io.tailrace.log.Logs;
import io.tailrace.log.PartitionLog;
import io.tailrace.log.ShardLog;
import io.tailrace.log.ShardLogConfig;
import io.tailrace.log.TopicSettings;
import io.tailrace.log.disk.Disk;
import io.tailrace.log.disk.SimDisk;
import io.tailrace.log.segment.SegmentFiles;
import io.tailrace.log.segment.SegmentListing;
import io.tailrace.protocol.record.BatchLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

/** Rot in the files of a real log on a simulated disk. */
class LogScrubTest {

    private static final Path FILES = Path.of("/data/t-0");

    private final SimDisk disk = new SimDisk();
    private final ShardLog shard = ShardLog.open(
            LogDirectories.open(disk, List.of(Path.of("/data"))),
            ShardLogConfig.of(0),
            tp -> true,
            LogConfig.DEFAULT,
            0);

    private PartitionLog log(int segmentBytes, int batches, int recordBytes) {
        LogConfig config = LogConfig.from(Map.of(TopicSettings.INTERNAL_SEGMENT_BYTES, Integer.toString(segmentBytes)));
        PartitionLog log = shard.create(new TopicPartition("t", 0), new Uuid(1, 2), config, 0);
        for (int i = 0; i < batches; i++) {
            assertThat(Logs.append(log, Batches.of(i, "v".repeat(recordBytes))))
                    .isInstanceOf(AppendResult.Appended.class);
            Logs.commit(shard);
        }
        shard.close(); // all is in its segment
        return log;
    }

    private Optional<Damage> scrub() {
        try (LogScrub scrub = new LogScrub(disk, FILES)) {
            while (!scrub.step()) {
                continue;
            }
            return scrub.damage();
        }
    }

    private long[] segments() {
        return new SegmentListing(disk, FILES).offsets(SegmentFiles.LOG);
    }

    private static Path file(long segment) {
        return FILES.resolve(SegmentFiles.name(segment, SegmentFiles.LOG));
    }

    @Test
    void aSoundLogIsSound() {
        PartitionLog unused = log(250, 20, 10);

        assertThat(segments()).hasSizeGreaterThan(3);
        assertThat(scrub()).isEmpty();
    }

    /** But for the leader epoch of the last batch, with which nothing can be compared. */
    @Test
    void everyFlippedBitOfClosedSegmentsIsFound() {
        PartitionLog unused = log(250, 10, 10);
        long[] segments = segments();
        assertThat(segments).hasSizeGreaterThan(3);

        for (int i = 0; i < segments.length - 1; i++) {
            long lastBatch = lastBatch(segments[i]);
            for (long bit = 0; bit < disk.size(file(segments[i])) * 8; bit++) {
                long at = bit / 8 - lastBatch;
                boolean isLastEpoch =
                        i == segments.length - 2 && at >= BatchLayout.PARTITION_LEADER_EPOCH && at < BatchLayout.MAGIC;
                if (isLastEpoch) {
                    continue;
                }
                disk.flipBit(file(segments[i]), bit);
                assertThat(scrub()).as("segment %d bit %d", segments[i], bit).isPresent();
                disk.flipBit(file(segments[i]), bit);
            }
        }
        assertThat(scrub()).isEmpty();
    }

    /** Position of the last batch in a segment. */
    private long lastBatch(long segment) {
        ByteBuffer all = ByteBuffer.allocate((int) disk.size(file(segment)));
        try (var file = disk.open(file(segment), Disk.OpenMode.READ)) {
            assertThat(file.read(all, 0)).isEqualTo(all.capacity());
        }
        int at = 0;
        while (true) {
            int next = at + BatchLayout.PREFIX_BYTES + all.getInt(at + BatchLayout.LENGTH);
            if (next == all.capacity()) {
                return at;
            }
            at = next;
        }
    }

    @Test
    void batchesLargerThanAChunkAreReadThroughAndTheDamageIsToldByTheBatch() {
        PartitionLog unused = log(1_000_000, 6, 700_000);
        long[] segments = segments();
        assertThat(scrub()).isEmpty();

        disk.flipBit(file(segments[1]), 8L * 600_000);

        assertThat(scrub()).hasValueSatisfying(damage -> {
            assertThat(damage.segment()).isEqualTo(segments[1]);
            assertThat(damage.position()).isZero();
        });
        assertThat(LogScrub.isSame(scrub(), scrub())).isTrue();
    }

    @Test
    void theSegmentThatIsWrittenIsLeftAlone() {
        PartitionLog unused = log(250, 10, 10);
        long[] segments = segments();

        disk.flipBit(file(segments[segments.length - 1]), 8 * 40);

        assertThat(scrub()).isEmpty();
    }

    @Test
    void aFileThatIsGoneIsNoDamage() {
        PartitionLog unused = log(250, 10, 10);
        try (LogScrub scrub = new LogScrub(disk, FILES)) {
            disk.delete(file(segments()[1]));
            while (!scrub.step()) {
                continue;
            }
            assertThat(scrub.damage()).isEmpty();
        }
    }

    @Test
    void aLengthThatSwallowsTheRestCostsNoMemory() {
        PartitionLog unused = log(250, 10, 10);
        // The highest bit but the sign: a batch of a gigabyte.
        disk.flipBit(file(segments()[0]), 8L * BatchLayout.LENGTH + 1);

        assertThat(scrub())
                .hasValueSatisfying(damage -> assertThat(damage.what()).contains("torn"));
    }
}
