// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import io.tailrace.broker.bus.Call;
import io.tailrace.broker.bus.Replies;
import io.tailrace.cluster.bus.Append;
import io.tailrace.cluster.bus.DeleteRecords;
import io.tailrace.cluster.bus.DescribePartitions;
import io.tailrace.cluster.bus.DescribeProducers;
import io.tailrace.cluster.bus.EpochEnd;
import io.tailrace.cluster.bus.FindCleanable;
import io.tailrace.cluster.bus.FollowerTurn;
import io.tailrace.cluster.bus.FoundCorrupt;
import io.tailrace.cluster.bus.ListOffsets;
import io.tailrace.cluster.bus.LogRequest;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.bus.Read;
import io.tailrace.cluster.bus.ReleaseRead;
import io.tailrace.cluster.bus.TakeInCleaned;
import io.tailrace.cluster.config.TopicConfigs;
import io.tailrace.log.LogConfig;
import io.tailrace.log.ShardLog;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.ArrayDeque;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One shard: the partitions whose key hashes to it, on a thread of its own.
 *
 * <p><b>The turn.</b> A request is put in the queue; the first one schedules a turn behind whatever else has arrived. The turn takes all
 * that is queued by then: batches are staged, then written with one call per partition, then handed to the sync thread; answers leave
 * together at its end. The busier the shard, the larger its turns, and the less a request costs.
 *
 * <p>Deploy with {@link #options}: a worker context with one thread. Files may block it; event loops never wait for it.
 */
public final class PartitionLogVerticle extends VerticleBase {

    private static final Logger LOG = LoggerFactory.getLogger(PartitionLogVerticle.class);

    private final int shard;
    private final ShardRules rules;
    private final ShardPorts ports;
    private final ArrayDeque<Call<LogRequest<?>>> queue = new ArrayDeque<>();
    private final Replies replies = new Replies();
    private @Nullable MessageConsumer<Call<LogRequest<?>>> consumer;
    private DeadlineWheel deadlines;
    private Appends appends;
    private Reads reads;
    private HostedPartitions partitions;
    private Followers followers;
    private IsrProposals proposals;
    private Lookups lookups;
    private Housekeeping housekeeping;
    private FailureReports failures;
    private SyncHelpers helpers;
    private Cleanables cleanables;
    private Deletions deletions;
    private GroupCommit commit;
    private volatile boolean stopping;
    private boolean turnScheduled;
    private boolean imageScheduled;
    private long alarmMs = Long.MAX_VALUE;
    private long alarmId;
    private long tickId;

    @SuppressWarnings("NullAway.Init") // the fields of a verticle are set by start
    public PartitionLogVerticle(int shard, ShardRules rules, ShardPorts ports) {
        this.shard = shard;
        this.rules = rules;
        this.ports = ports;
    }

    /** How a shard is to be deployed. */
    public static DeploymentOptions options(int shard) {
        return new DeploymentOptions()
                .setThreadingModel(ThreadingModel.WORKER)
                .setWorkerPoolName("tailrace-log-" + shard)
                .setWorkerPoolSize(1);
    }

    @Override
    public Future<?> start() {
        long nowMs = System.currentTimeMillis();
        LogConfig defaults =
                TopicConfigs.logConfig(ports.layers().apply(ports.metadata().image()), Map.of());
        int shards = ports.bus().shardCount();
        helpers = new SyncHelpers(shard);
        ShardLog shardLog = ShardLog.open(
                ports.directories(),
                rules.config(shard),
                id -> PartitionKey.shard(id.topic(), id.partition(), shards) == shard,
                defaults,
                nowMs);
        shardLog.openFailures().forEach(failure -> {
            LOG.error("log {} is offline", failure.partition(), failure.cause());
            ports.onLogLost().run();
        });
        deadlines = new DeadlineWheel(nowMs);
        appends = new Appends(replies, deadlines, ports.meters());
        reads = new Reads(replies, deadlines, appends, rules.followersServe(), new PartitionReader(ports.inTouch()));
        proposals = new IsrProposals(context, ports.controller(), rules.nodeId(), appends);
        appends.connect(reads, proposals);
        failures = new FailureReports(context, ports.controller(), rules.nodeId());
        followers = new Followers(replies, appends, reads);
        partitions = new HostedPartitions(shard, rules, ports, shardLog, appends, followers);
        cleanables = new Cleanables(partitions);
        lookups = new Lookups(partitions, ports.directories());
        deletions = new Deletions(replies, deadlines, reads);
        commit = new GroupCommit(
                new GroupCommit.Surroundings(vertx, ports.meters(), helpers, this::onLogLost),
                shard,
                appends,
                reads,
                followers,
                partitions);
        housekeeping = new Housekeeping(vertx, partitions, ports.onLogLost(), rules.retentionCheckMs(), nowMs);
        tickId = vertx.setPeriodic(Housekeeping.CLEAN_UP_MS, tick -> {
            housekeeping.tick(context, System.currentTimeMillis());
            partitions.tick(System.currentTimeMillis());
            idleTurn();
            failures.look(partitions, ports.metadata().image());
        });
        ports.metadata().onChange(image -> {
            if (!stopping) {
                context.runOnContext(applied -> scheduleImage());
            }
        });
        idleTurn();
        consumer = ports.bus().serveLog(shard, this::enqueue);
        return consumer.completion();
    }

    /** Told to the controller at once: what this node leads of it is to be led by others. */
    private void onLogLost(boolean wasLast) {
        ports.onLogLost().run();
        failures.look(partitions, ports.metadata().image());
        if (wasLast) {
            ports.onBroken().accept(new IllegalStateException("no log directory is left"));
        }
    }

    private void enqueue(Call<LogRequest<?>> call) {
        queue.add(call);
        scheduleTurn();
    }

    private void scheduleTurn() {
        if (!turnScheduled) {
            turnScheduled = true;
            context.runOnContext(scheduled -> turn());
        }
    }

    /** Many images in a row are looked at once. */
    private void scheduleImage() {
        if (!imageScheduled && !stopping) {
            imageScheduled = true;
            context.runOnContext(scheduled -> {
                imageScheduled = false;
                if (!stopping) {
                    partitions.onImage(System.currentTimeMillis());
                    finish(System.currentTimeMillis());
                }
            });
        }
    }

    private void turn() {
        turnScheduled = false;
        if (queue.isEmpty()) {
            return; // the stop has taken them
        }
        long nowMs = System.currentTimeMillis();
        for (int left = queue.size(); left > 0; left--) {
            Call<LogRequest<?>> call = queue.remove();
            try {
                take(call, nowMs);
            } catch (RuntimeException bug) {
                LOG.error(
                        "shard={}: cannot go on after {}",
                        shard,
                        call.request().getClass().getSimpleName(),
                        bug);
                replies.fail(call, bug);
                ports.onBroken().accept(bug);
            }
        }
        finish(nowMs);
    }

    private void take(Call<LogRequest<?>> call, long nowMs) {
        switch (call.request()) {
            case Append append -> appends.onAppend(call, append, partitions, nowMs);
            case Read read -> {
                if (read.follower() != null) {
                    partitions.onImage(nowMs); // it may have made this node the leader that the follower seeks
                }
                reads.onRead(call, read, partitions, nowMs);
            }
            case ReleaseRead release -> reads.onRelease(call, release, nowMs);
            case ListOffsets list -> replies.reply(call, lookups.listOffsets(list, nowMs));
            case EpochEnd end -> replies.reply(call, lookups.epochEnd(end, nowMs));
            case DeleteRecords delete -> deletions.onDelete(call, delete, partitions, nowMs);
            case DescribeProducers describe -> replies.reply(call, lookups.describeProducers(describe, nowMs));
            case FollowerTurn turn -> {
                partitions.onImage(nowMs); // who asks has seen it
                followers.onTurn(call, turn, partitions, nowMs);
            }
            case DescribePartitions describe -> replies.reply(call, lookups.describePartitions());
            case FindCleanable find -> replies.reply(call, cleanables.find(find, nowMs));
            case FoundCorrupt found -> {
                partitions.onImage(nowMs); // what is decided here is by the newest
                partitions.foundCorrupt(found.partition(), nowMs);
                failures.look(partitions, ports.metadata().image());
                replies.reply(call, FoundCorrupt.Reply.DONE);
            }
            case TakeInCleaned cleaned -> replies.reply(call, cleanables.takeIn(cleaned));
        }
    }

    /** What ends everything that ran on this thread: writes, the sync, answers, the alarm. */
    private void finish(long nowMs) {
        commit.endTurn(queue.isEmpty(), nowMs, () -> finish(System.currentTimeMillis()));
        appends.answerUnacknowledged();
        followers.answer(partitions, nowMs);
        deletions.look();
        proposals.flush(partitions.brokerEpoch(), () -> finish(System.currentTimeMillis()));
        replies.flush();
        setAlarm();
        commit.syncInPlace();
    }

    /** Syncs what is due without an append: by time, or since a crash. */
    private void idleTurn() {
        long nowMs = System.currentTimeMillis();
        commit.endIdleTurn(nowMs, () -> finish(System.currentTimeMillis()));
        finish(nowMs);
    }

    private void setAlarm() {
        long dueMs = deadlines.nextMs();
        if (dueMs >= alarmMs || stopping) {
            return;
        }
        if (alarmMs != Long.MAX_VALUE) {
            vertx.cancelTimer(alarmId);
        }
        alarmMs = dueMs;
        alarmId = vertx.setTimer(Math.max(1, dueMs - System.currentTimeMillis()), rang -> {
            alarmMs = Long.MAX_VALUE;
            long nowMs = System.currentTimeMillis();
            deadlines.advance(nowMs);
            finish(nowMs);
        });
    }

    /** Done when what was put on this thread before the stop has run: Vert.x refuses, loudly, what it finds behind the end of its context. */
    private Future<Void> drained() {
        Promise<Void> drained = Promise.promise();
        context.runOnContext(behindTheRest -> {
            if (turnScheduled || imageScheduled || housekeeping.isBusy()) {
                drained().onComplete(drained);
            } else {
                drained.complete();
            }
        });
        return drained.future();
    }

    /** Takes no more requests, answers those it has, syncs and closes the logs. */
    @Override
    public Future<?> stop() {
        stopping = true;
        housekeeping.stop();
        vertx.cancelTimer(tickId);
        vertx.cancelTimer(alarmId);
        Future<?> silent = consumer == null ? Future.succeededFuture() : consumer.unregister();
        return silent.compose(unregistered -> {
                    turn();
                    finish(System.currentTimeMillis());
                    return commit.idle();
                })
                .compose(synced -> {
                    reads.completeAll(partitions, System.currentTimeMillis());
                    followers.close();
                    deletions.close();
                    replies.flush();
                    partitions.shardLog().close(helpers);
                    helpers.close();
                    return commit.close();
                })
                .compose(closed -> drained())
                .compose(idle -> housekeeping.close());
    }
}
