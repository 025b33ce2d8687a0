// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.compaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.log.Batches;
import io.tailrace.log.LogConfig;
import io.tailrace.log.compaction.DiskLog.KeyValue;
import io.tailrace.log.disk.Disk;
import io.tailrace.log.disk.RealDisk;
import io.tailrace.log.segment.SegmentFiles;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.record.internal.CompressionType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: a crash before any rename or deletion of a swap, or of its recovery, leaves the old log or the new one. */
class SegmentSwapTest {

    private static final long NOW = Batches.TIMESTAMP + 1000;

    @TempDir
    Path directory;

    /** The machine stops here. */
    private static final class Crash extends RuntimeException {}

    @Test
    void aCrashAtAnyStepOfTheSwapAndOfItsRecoveryDoesNotMatter() {
        int crashes = 0;
        boolean crashed = true;
        for (int step = 0; crashed; step++) {
            for (int again = 0; again < 12; again += 4) {
                DiskLog log = log(step, again);
                var before = log.records();
                var after = cleaned(before);
                crashed = swap(log, crashingAfter(step));
                crashes += crashed ? 1 : 0;
                try {
                    SegmentSwap.recover(crashingAfter(again), log.directory);
                } catch (Crash e) {
                    // the machine stops once more
                }
                SegmentSwap.recover(log.disk, log.directory);
                assertThat(log.records())
                        .as("crashes at step %d, then %d", step, again)
                        .isIn(before, after);
                assertThat(log.disk.list(log.directory))
                        .noneMatch(name -> name.endsWith(SegmentFiles.SWAP) || name.endsWith(SegmentFiles.CLEANED));
            }
        }
        assertThat(crashes).isGreaterThan(30);
    }

    @Test
    void theSnapshotsOfTheSegmentsThatGoGoWithThem() {
        DiskLog log = log(0, 0);
        log.bases().forEach(base -> log.write(base, SegmentFiles.PRODUCER_SNAPSHOT, Batches.plain(1)));

        swap(log, log.disk);

        assertThat(log.disk.list(log.directory))
                .contains("00000000000000000000.snapshot", "00000000000000000004.snapshot.deleted")
                .doesNotContain("00000000000000000004.snapshot");
    }

    private DiskLog log(int first, int second) {
        var log = new DiskLog(
                directory.resolve(first + "-" + second), LogConfig.from(Map.of("cleanup.policy", "compact")));
        for (int segment = 0; segment < 3; segment++) {
            log.append(Batches.transactional(segment, 0, 0, Batches.record(NOW, "b", "aborted")));
            log.append(Batches.marker(segment, 1, true, 0));
            log.append(Batches.plain(
                    CompressionType.NONE,
                    Batches.record(NOW, "a", "" + segment),
                    Batches.record(NOW, "k" + segment, "1")));
            log.roll();
        }
        return log;
    }

    private static TreeMap<Long, KeyValue> cleaned(TreeMap<Long, KeyValue> before) {
        var after = new TreeMap<>(before);
        after.values().removeIf(record -> "aborted".equals(record.value()));
        after.keySet().removeAll(List.of(2L, 6L));
        return after;
    }

    /** Cleans the log; whether {@code disk} crashed during the swap. */
    private static boolean swap(DiskLog log, Disk disk) {
        CompactionResult result;
        try (var task =
                new CompactionTask(CompactionPolicy.plan(log.cleanable(), NOW), log.disk, new OffsetMap(10_000), NOW)) {
            while (!task.step(1 << 20)) {
                // bounded work, again
            }
            result = task.result();
        }
        try {
            for (var replacement : result.replacements()) {
                SegmentSwap.commit(disk, log.directory, replacement);
                SegmentSwap.finish(disk, log.directory, replacement);
            }
            return false;
        } catch (Crash e) {
            return true;
        }
    }

    /** The real disk until it was changed {@code steps} times; then every change is a crash. */
    private static Disk crashingAfter(int steps) {
        int[] left = {steps};
        var real = new RealDisk();
        return (Disk) Proxy.newProxyInstance(
                Disk.class.getClassLoader(), new Class<?>[] {Disk.class}, (proxy, method, arguments) -> {
                    boolean changes = method.getName().equals("rename")
                            || method.getName().equals("delete");
                    if (changes && left[0]-- <= 0) {
                        throw new Crash();
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
