// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import io.tailrace.broker.bus.Bus;
import io.tailrace.broker.bus.PendingAnswers;
import io.tailrace.cluster.bus.FindCleanable;
import io.tailrace.cluster.bus.FindCleanable.Candidate;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.bus.TakeInCleaned;
import io.tailrace.log.compaction.CompactionPlan;
import io.tailrace.log.compaction.CompactionPolicy;
import io.tailrace.log.compaction.CompactionResult;
import io.tailrace.log.compaction.CompactionResult.Replacement;
import io.tailrace.log.compaction.CompactionTask;
import io.tailrace.log.compaction.OffsetMap;
import io.tailrace.log.compaction.SegmentSwap;
import io.tailrace.log.disk.Disk;
import io.tailrace.log.disk.StorageException;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compacts the logs of a node, one at a time, on a thread of its own: asks every shard for its dirtiest log, works on the dirtiest of those in
 * small steps, and gives the segments that come of it to the shard that owns the log, one by one. The shards go on with appends and reads
 * meanwhile; nothing of theirs is touched from here.
 *
 * <p>A log that cannot be compacted is left alone until the node starts anew: one that is damaged would be read in vain over and over.
 */
public final class CleanerVerticle extends VerticleBase {

    private static final Logger LOG = LoggerFactory.getLogger(CleanerVerticle.class);

    /** What a step reads; with a throttle, what it reads at a time. */
    private static final int STEP_BYTES = 1 << 20;

    private final Bus bus;
    private final Disk disk;
    private final CleanerRules rules;
    private final Set<PartitionKey> givenUp = new HashSet<>();
    private @Nullable OffsetMap map;
    private @Nullable CompactionTask task;
    private final PendingAnswers pending = new PendingAnswers();
    private boolean stopping;

    public CleanerVerticle(Bus bus, Disk disk, CleanerRules rules) {
        this.bus = bus;
        this.disk = disk;
        this.rules = rules;
    }

    /** How it is to be deployed: with one thread, which may block. */
    public static DeploymentOptions options() {
        return new DeploymentOptions()
                .setThreadingModel(ThreadingModel.WORKER)
                .setWorkerPoolName("tailrace-cleaner")
                .setWorkerPoolSize(1);
    }

    @Override
    public Future<?> start() {
        rest();
        return Future.succeededFuture();
    }

    private void rest() {
        if (!stopping) {
            vertx.setTimer(Math.max(1, rules.backoffMs()), rested -> look());
        }
    }

    private void look() {
        List<Future<FindCleanable.Reply>> asked = bus.askAll(new FindCleanable(givenUp));
        pending.await(Future.join(asked)).onComplete(answered -> {
            List<Candidate> candidates = asked.stream()
                    .filter(Future::succeeded)
                    .flatMap(reply -> reply.result().candidate().stream())
                    .toList();
            begin(candidates);
        });
    }

    private void begin(List<Candidate> candidates) {
        List<CompactionPlan> plans =
                candidates.stream().map(candidate -> candidate.claimed().plan()).toList();
        CompactionPlan dirtiest = CompactionPolicy.dirtiest(plans).orElse(null);
        if (stopping || dirtiest == null) {
            rest();
            return;
        }
        Candidate chosen = candidates.get(plans.indexOf(dirtiest));
        task = new CompactionTask(dirtiest, disk, mapFor(dirtiest), System.currentTimeMillis());
        step(chosen);
    }

    /** As large as the pass can need, and kept for the next one. */
    private OffsetMap mapFor(CompactionPlan plan) {
        long keys = plan.endOffset() - plan.firstDirtyOffset();
        int bytes = OffsetMap.memoryFor(keys, rules.mapBytes());
        OffsetMap known = map;
        if (known == null || known.memoryBytes() < bytes) {
            known = new OffsetMap(bytes);
            map = known;
        }
        return known;
    }

    private void step(Candidate chosen) {
        CompactionTask running = task;
        if (running == null || stopping || chosen.claimed().claim().isVoid()) {
            dropTask();
            rest();
            return;
        }
        long startNs = System.nanoTime();
        try {
            if (running.step(STEP_BYTES)) {
                CompactionResult result = running.result();
                dropTask();
                finish(chosen, result);
                return;
            }
        } catch (StorageException failed) {
            dropTask();
            onFailure(chosen, failed);
            return;
        } catch (RuntimeException damaged) { // whatever decompression or the rewriting of records finds wrong
            dropTask();
            giveUp(chosen.partition(), damaged);
            return;
        }
        double pauseMs = STEP_BYTES / rules.maxBytesPerSecond() * 1e3 - (System.nanoTime() - startNs) / 1e6;
        if (pauseMs >= 1) {
            vertx.setTimer((long) pauseMs, paused -> step(chosen));
        } else {
            context.runOnContext(again -> step(chosen));
        }
    }

    private void onFailure(Candidate chosen, StorageException failed) {
        PartitionKey partition = chosen.partition();
        boolean isOutrun = failed.kind() == StorageException.Kind.NOT_FOUND
                || chosen.claimed().claim().isVoid();
        if (isOutrun) {
            LOG.debug(
                    "topic={} partition={}: the log changed during compaction",
                    partition.topic(),
                    partition.partition());
            rest();
        } else if (failed.kind() == StorageException.Kind.NO_SPACE) {
            LOG.warn(
                    "topic={} partition={}: no space left to compact in",
                    partition.topic(),
                    partition.partition(),
                    failed);
            rest();
        } else {
            giveUp(partition, failed);
        }
    }

    private void giveUp(PartitionKey partition, Exception why) {
        LOG.error(
                "topic={} partition={}: cannot be compacted, and will not be until the next start",
                partition.topic(),
                partition.partition(),
                why);
        givenUp.add(partition);
        rest();
    }

    private void finish(Candidate chosen, CompactionResult result) {
        CompactionPlan plan = chosen.claimed().plan();
        if (result.cleanedTo() <= plan.firstDirtyOffset()) {
            discard(plan, result, 0);
            giveUp(
                    chosen.partition(),
                    new IllegalStateException("log.cleaner.dedupe.buffer.size=" + rules.mapBytes()
                            + " has no room for the keys of one batch at offset " + plan.firstDirtyOffset()));
            return;
        }
        takeIn(chosen, result, 0);
    }

    private void takeIn(Candidate chosen, CompactionResult result, int index) {
        List<Replacement> replacements = result.replacements();
        boolean isLast = index == replacements.size() - 1;
        PartitionKey partition = chosen.partition();
        TakeInCleaned cleaned = new TakeInCleaned(
                partition,
                chosen.claimed().claim(),
                replacements.get(index),
                isLast ? OptionalLong.of(result.cleanedTo()) : OptionalLong.empty());
        pending.await(bus.ask(bus.shardOf(partition), cleaned)).onComplete(answered -> {
            if (answered.failed() || !answered.result().taken()) {
                discard(chosen.claimed().plan(), result, index);
                rest();
            } else if (isLast) {
                LOG.info(
                        "topic={} partition={}: compacted up to offset {}, {} bytes became {}",
                        partition.topic(),
                        partition.partition(),
                        result.cleanedTo(),
                        result.bytesBefore(),
                        result.bytesAfter());
                look();
            } else {
                takeIn(chosen, result, index + 1);
            }
        });
    }

    private void discard(CompactionPlan plan, CompactionResult result, int from) {
        for (Replacement replacement :
                result.replacements().subList(from, result.replacements().size())) {
            SegmentSwap.discard(disk, plan.log().directory(), replacement.baseOffset());
        }
    }

    private void dropTask() {
        CompactionTask running = task;
        task = null;
        if (running != null) {
            running.close();
        }
    }

    /** What the running pass has written so far is removed. */
    @Override
    public Future<?> stop() {
        stopping = true;
        dropTask();
        return pending.settled(context);
    }
}
