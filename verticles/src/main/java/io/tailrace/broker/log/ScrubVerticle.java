// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import io.tailrace.broker.bus.Bus;
import io.tailrace.broker.bus.PendingAnswers;
import io.tailrace.cluster.bus.DescribePartitions;
import io.tailrace.cluster.bus.FoundCorrupt;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.log.disk.Disk;
import io.tailrace.log.disk.StorageException;
import io.tailrace.log.scrub.Damage;
import io.tailrace.log.scrub.LogScrub;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the closed segments of a node, one log after the other, on a thread of its own and no faster than it may. Rot that nobody reads would else stay
 * unknown until the replica comes to lead, or is the last.
 *
 * <p>A log that is damaged at two looks is told to the shard that owns it ({@link FoundCorrupt}), which has the controller rely on others, if there are any,
 * and then copies it anew. Nothing is repaired or deleted from here.
 */
public final class ScrubVerticle extends VerticleBase {

    private static final Logger LOG = LoggerFactory.getLogger(ScrubVerticle.class);

    /** After a start there is other work. */
    private static final long FIRST_REST_MS = 300_000;

    /** What is read at a time. */
    private static final long TURN_BYTES = 1 << 20;

    /** Longer than a cut or an exchange of segments takes. */
    private static final long SECOND_LOOK_MS = 1_000;

    private record Found(PartitionKey partition, Path directory) {}

    private final Bus bus;
    private final Disk disk;
    private final ScrubRules rules;
    private final ArrayDeque<Found> round = new ArrayDeque<>();
    private final PendingAnswers pending = new PendingAnswers();
    private @Nullable LogScrub scrub;
    private long roundBytes;
    private int roundLogs;
    private boolean stopping;

    public ScrubVerticle(Bus bus, Disk disk, ScrubRules rules) {
        this.bus = bus;
        this.disk = disk;
        this.rules = rules;
    }

    /** How it is to be deployed: with one thread, which may block. */
    public static DeploymentOptions options() {
        return new DeploymentOptions()
                .setThreadingModel(ThreadingModel.WORKER)
                .setWorkerPoolName("tailrace-scrub")
                .setWorkerPoolSize(1);
    }

    @Override
    public Future<?> start() {
        later(Math.min(FIRST_REST_MS, rules.intervalMs()), this::look);
        return Future.succeededFuture();
    }

    private void later(long delayMs, Runnable work) {
        if (!stopping) {
            vertx.setTimer(Math.max(1, delayMs), rang -> {
                if (!stopping) {
                    work.run();
                }
            });
        }
    }

    private void look() {
        List<Future<DescribePartitions.Reply>> asked = bus.askAll(new DescribePartitions());
        pending.await(Future.join(asked)).onComplete(answered -> {
            roundBytes = 0;
            roundLogs = 0;
            asked.stream()
                    .filter(Future::succeeded)
                    .flatMap(reply -> reply.result().partitions().stream())
                    .map(it -> new Found(
                            it.key(),
                            Path.of(it.directory())
                                    .resolve(it.topic() + "-" + it.key().partition())))
                    .forEach(round::add);
            next();
        });
    }

    private void next() {
        Found found = round.poll();
        if (stopping) {
            return;
        }
        if (found == null) {
            LOG.debug("scrub: {} bytes of closed segments in {} logs were looked at", roundBytes, roundLogs);
            later(rules.intervalMs(), this::look);
            return;
        }
        roundLogs++;
        begin(found, Optional.empty());
    }

    /** @param known what a first look has found */
    private void begin(Found found, Optional<Damage> known) {
        try {
            LogScrub begun = new LogScrub(disk, found.directory());
            scrub = begun;
            work(begun, found, known);
        } catch (StorageException unreadable) {
            LOG.warn("{}: cannot be looked at", found.directory(), unreadable);
            context.runOnContext(on -> next());
        }
    }

    private void work(LogScrub begun, Found found, Optional<Damage> known) {
        if (stopping) {
            return;
        }
        long before = begun.bytesRead();
        long startNs = System.nanoTime();
        boolean done = begun.step();
        while (!done && begun.bytesRead() - before < TURN_BYTES) {
            done = begun.step();
        }
        long bytes = begun.bytesRead() - before;
        roundBytes += bytes;
        long pauseMs = (long) (1e3 * bytes / rules.maxBytesPerSecond() - (System.nanoTime() - startNs) / 1e6);
        if (done) {
            begun.close();
            scrub = null;
            finish(begun.damage(), found, known, pauseMs);
        } else {
            later(pauseMs, () -> work(begun, found, known));
        }
    }

    private void finish(Optional<Damage> damage, Found found, Optional<Damage> known, long pauseMs) {
        if (LogScrub.isSame(known, damage)) {
            tell(found, damage.orElseThrow());
        } else if (damage.isPresent() && known.isEmpty()) {
            later(pauseMs + SECOND_LOOK_MS, () -> begin(found, damage));
            return;
        }
        if (pauseMs > 0) {
            later(pauseMs, this::next);
        } else {
            context.runOnContext(on -> next());
        }
    }

    private void tell(Found found, Damage damage) {
        LOG.error(
                "topic={} partition={}: rotten in segment {} at {}: {}",
                found.partition().topic(),
                found.partition().partition(),
                damage.segment(),
                damage.position(),
                damage.what());
        pending.await(bus.ask(bus.shardOf(found.partition()), new FoundCorrupt(found.partition())))
                .onFailure(lost -> LOG.warn("{}: the shard does not hear of it", found.directory(), lost));
    }

    @Override
    public Future<?> stop() {
        stopping = true;
        LogScrub running = scrub;
        if (running != null) {
            running.close();
        }
        return pending.settled(context);
    }
}
