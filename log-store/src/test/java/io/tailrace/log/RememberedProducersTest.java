// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import static io.tailrace.log.Logs.SMALL;
import static io.tailrace.log.Logs.append;
import static io.tailrace.log.Logs.commit;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.log.disk.SimDisk;
import io.tailrace.log.producer.ProducerStates;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A log that has forgotten nobody knows that also after a restart, a crash or a cut, though it is loaded from a snapshot then: a new producer begins
 * at sequence 0 with it. Else the second batch gets in when the first was refused, and the client, in a new epoch, sends both again.
 */
class RememberedProducersTest {

    private static final TopicPartition T0 = new TopicPartition("t", 0);
    private static final Uuid ID = new Uuid(1, 2);
    private static final Path ROOT = Path.of("/data");
    private static final long OLD = 7;
    private static final long NEW = 8;

    private SimDisk disk = new SimDisk();
    private ShardLog shard;
    private PartitionLog log;

    @BeforeEach
    void writesUntilThereAreSnapshots() {
        shard = open();
        log = shard.create(T0, ID, SMALL, 0);
        for (int i = 0; i < 50; i++) {
            append(log, batch(OLD, i * 10, 10));
            commit(shard);
        }
        shard.tick(1_000_000);
        commit(shard); // a checkpoint, below whose recovery point a crash has nothing looked at
        assertThat(disk.list(ROOT.resolve("t-0"))).anyMatch(it -> it.endsWith(".snapshot"));
    }

    @Test
    void afterACleanRestart() {
        shard.close();
        reopen();

        aNewProducerBeginsAtZero();
    }

    @Test
    void afterAKill() {
        reopen();

        aNewProducerBeginsAtZero();
    }

    @Test
    void afterAPowerCut() {
        disk = disk.afterCrash(new Random(5));
        reopen();

        aNewProducerBeginsAtZero();
    }

    @Test
    void afterACut() {
        log.truncateTo(450);

        aNewProducerBeginsAtZero();
    }

    @Test
    void whoWasForgottenGoesOnAnywhereAlsoAfterARestart() {
        log.producers().expire(Long.MAX_VALUE);
        commit(shard);
        shard.close();
        reopen();

        assertThat(log.producers().forgottenUpTo()).isEqualTo(OLD);
        assertThat(append(log, batch(OLD, 700, 1))).isInstanceOf(AppendResult.Appended.class);
        aNewProducerBeginsAtZero();
    }

    @Test
    void aLogThatBeganLaterKnowsNothingOfWhatWasBefore() {
        log.truncateFullyAndStartAt(450);
        commit(shard);
        assertThat(log.producers().forgottenUpTo()).isEqualTo(ProducerStates.ANYBODY);
        reopen();

        assertThat(append(log, batch(NEW, 3, 1))).isInstanceOf(AppendResult.Appended.class);
    }

    private void aNewProducerBeginsAtZero() {
        assertThat(append(log, batch(NEW, 1, 1)))
                .isInstanceOfSatisfying(AppendResult.Rejected.class, it -> assertThat(it.error())
                        .isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER));
        assertThat(append(log, batch(NEW, 0, 1))).isInstanceOf(AppendResult.Appended.class);
    }

    private static ByteBuffer batch(long producerId, int sequence, int records) {
        SimpleRecord[] all = new SimpleRecord[records];
        Arrays.fill(all, Batches.record(0, null, "value"));
        return Batches.idempotent(producerId, 0, sequence, all);
    }

    /** The next process. */
    private void reopen() {
        shard = open();
        log = shard.partition(T0).orElseThrow();
    }

    private ShardLog open() {
        return ShardLog.open(LogDirectories.open(disk, List.of(ROOT)), ShardLogConfig.of(0), tp -> true, SMALL, 0);
    }
}
