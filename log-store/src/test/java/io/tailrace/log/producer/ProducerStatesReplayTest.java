// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.log.AppendOrigin;
import io.tailrace.log.Batches;
import io.tailrace.protocol.record.RecordBatchView;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Goal: a log read back says the same about its producers as the log that was written, from any point on. */
class ProducerStatesReplayTest {

    private static final int ROUNDS = 60;

    @Test
    void replayOfTheBatchesEqualsTheLiveState() throws CorruptSnapshotException {
        for (int seed = 0; seed < ROUNDS; seed++) {
            var random = new Random(seed);
            var live = new ProducerStates(ProducerLimits.DEFAULT);
            List<ByteBuffer> log = new ArrayList<>();
            ByteBuffer snapshot = ProducerSnapshot.encode(live.describe());
            long snapshotOffset = 0;
            int snapshotBatches = 0;
            long end = 0;
            for (int i = 0; i < 120; i++) {
                ByteBuffer bytes = randomBatch(random, live);
                var batch = Batches.view(bytes, end);
                var origin = batch.isControl() ? AppendOrigin.COORDINATOR : AppendOrigin.CLIENT;
                if (live.check(batch, origin, TransactionTerms.NONE) != ProducerVerdict.Accepted.ACCEPTED) {
                    continue;
                }
                takeIn(live, batch);
                log.add(bytes);
                end = batch.nextOffset();
                if (random.nextInt(20) == 0) {
                    snapshot = ProducerSnapshot.encode(live.describe());
                    snapshotOffset = end;
                    snapshotBatches = log.size();
                }
            }

            var replayed = new ProducerStates(ProducerLimits.DEFAULT);
            log.forEach(bytes -> takeIn(replayed, Batches.view(bytes)));
            var recovered = new ProducerStates(ProducerLimits.DEFAULT);
            recovered.load(ProducerSnapshot.decode(snapshot), snapshotOffset, ProducerStates.NOBODY, Batches.TIMESTAMP);
            log.subList(snapshotBatches, log.size()).forEach(bytes -> takeIn(recovered, Batches.view(bytes)));

            assertThat(log).as("seed %d", seed).hasSizeGreaterThan(20);
            for (var other : List.of(replayed, recovered)) {
                assertThat(other.describe()).as("seed %d", seed).isEqualTo(live.describe());
                assertThat(other.firstUndecidedOffset()).isEqualTo(live.firstUndecidedOffset());
                assertThat(other.endOffset()).isEqualTo(live.endOffset());
            }
            assertThat(replayed.firstUnstableOffset()).isEqualTo(live.firstUnstableOffset());
            live.onHighWatermark(end);
            recovered.onHighWatermark(end);
            assertThat(recovered.firstUnstableOffset()).isEqualTo(live.firstUnstableOffset());
            assertThat(live.lastStableOffset(end)).isEqualTo(oldestOpenTransaction(live, end));
        }
    }

    private static long oldestOpenTransaction(ProducerStates states, long end) {
        return states.describe().stream()
                .filter(ProducerDescription::hasTransaction)
                .mapToLong(ProducerDescription::transactionFirstOffset)
                .min()
                .orElse(end);
    }

    private static void takeIn(ProducerStates states, RecordBatchView batch) {
        var completed = states.append(batch);
        if (completed != null) {
            states.complete(completed);
        }
    }

    /** Mostly what a producer would send next, sometimes not. */
    private static ByteBuffer randomBatch(Random random, ProducerStates live) {
        long producerId = random.nextInt(5);
        var known = live.describe(producerId);
        int epoch = known == null ? 0 : known.epoch() + (random.nextInt(15) == 0 ? 1 : 0);
        boolean continues = known != null && known.epoch() == epoch && known.hasBatch();
        int sequence = continues ? known.lastSequence() + 1 : 0;
        if (random.nextInt(10) == 0) {
            sequence += random.nextInt(3);
        }
        int count = 1 + random.nextInt(4);
        return switch (random.nextInt(6)) {
            case 0 -> Batches.plain(count);
            case 1 -> Batches.marker(producerId, epoch, random.nextBoolean(), random.nextInt(3));
            case 2 -> Batches.idempotent(producerId, epoch, sequence, count);
            default -> Batches.transactional(producerId, epoch, sequence, count);
        };
    }
}
