// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication.sim;

import io.tailrace.cluster.metadata.BrokerImage;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.ControllerReply;
import io.tailrace.cluster.metadata.ControllerRequest;
import io.tailrace.cluster.metadata.PartitionImage;
import io.tailrace.cluster.metadata.TopicImage;
import io.tailrace.cluster.replication.FetchAnswer;
import io.tailrace.cluster.replication.FetchPosition;
import io.tailrace.cluster.replication.FollowerEffect;
import io.tailrace.cluster.replication.FollowerEvent;
import io.tailrace.cluster.replication.FollowerLog;
import io.tailrace.cluster.replication.FollowerReplica;
import io.tailrace.cluster.replication.HighWatermark;
import io.tailrace.cluster.replication.LeaderEffect;
import io.tailrace.cluster.replication.LeaderEvent;
import io.tailrace.cluster.replication.LeaderReplica;
import io.tailrace.cluster.replication.ReplicaSet;
import io.tailrace.log.epoch.EpochEnd;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.Errors;

/** One node: the host of the machines of its replica. What it keeps over a crash are its log and the note of a clean shutdown. */
final class SimNode extends SimProcess {

    static final long LAG_MS = 400;
    private static final long LONG_POLL_MS = 25;
    private static final int MAX_ENTRIES = 16;
    private static final short ALL = -1;

    /** An append that waits. */
    private record Ticket(long value, short acks, long offset) {}

    private final SimLog log = new SimLog();
    /** What the metadata log on this node holds. */
    private final List<ClusterImage> history = new ArrayList<>();

    private ClusterImage image = ClusterImage.empty("");
    private LeaderReplica<Ticket> leader = new LeaderReplica<>(0, new HighWatermark(0), LAG_MS);
    private FollowerReplica follower = new FollowerReplica(log, new HighWatermark(0));
    private HighWatermark highWatermark = new HighWatermark(0);
    private List<SimLog.Entry> arrived = List.of();
    private boolean syncing;

    /** Something in the log was found to be rotten; {@code knownPartition} is what this node knew when it last looked. */
    private boolean corrupt;

    private PartitionImage knownPartition;

    SimNode(int id, SimCluster cluster) {
        super(id, cluster);
    }

    SimLog log() {
        return log;
    }

    long highWatermark() {
        return highWatermark.offset();
    }

    /** The end of what a leader may count on. */
    long safeEndOffset() {
        return cluster.plan().lossy() ? log.logEndOffset() : log.durableEndOffset();
    }

    boolean isLeading() {
        return isUp() && leader.isLeading();
    }

    /** Whether the controller has heard of all that happened to this node's disk. */
    boolean isWhatTheControllerKnows() {
        BrokerImage known = cluster.controller().image().brokers().get(id);
        return !cluster.plan().lossy() || (isUp() && known != null && known.epoch() == brokerEpoch());
    }

    // ---- life

    void start() {
        begin();
        image = ClusterImage.empty("");
        syncing = false;
        corrupt = false;
        knownPartition = null;
        hostLog();
        if (cluster.mutant() == Mutant.DELETE_BY_OLD_IMAGE && history.stream().anyMatch(this::saysElsewhere)) {
            forget();
        }
        if (cluster.mutant() == Mutant.LEAD_BEFORE_REGISTRATION) {
            onImage(cluster.controller().image());
        }
        register();
        tick();
        heartbeat();
    }

    /** What is not durable may be lost, from some record on. */
    void crash() {
        long kept = log.durableEndOffset();
        long end = log.logEndOffset();
        if (cluster.plan().lossy()) {
            kept = Math.max(log.logStartOffset(), end - cluster.disk().nextInt(6));
        }
        stop();
        log.crash(kept + cluster.disk().nextInt((int) (end - kept) + 1));
    }

    void shutDown() {
        log.syncedTo(log.logEndOffset(), log.cuts());
        noteCleanShutdown();
        stop();
    }

    private void stop() {
        end();
        leader = new LeaderReplica<>(0, new HighWatermark(0), LAG_MS);
    }

    private void tick() {
        if (leader.isLeading()) {
            lead(new LeaderEvent.Ticked<>(log.logEndOffset()));
            cluster.plan().trim(this);
        }
        pump();
        reportRot();
        after(LAG_MS / 4, this::tick);
    }

    /** Some of the log is found to be rotten. It can be read all the same here: what counts is that it goes. */
    void rot() {
        receive(() -> {
            corrupt = true;
            if (cluster.mutant() == Mutant.COPY_ANEW_IN_THE_SAME_EPOCH
                    && knownPartition != null
                    && isNobodys(knownPartition)) {
                copyAnew();
            }
            reportRot();
        });
    }

    private void reportRot() {
        if (corrupt && brokerEpoch() >= 0 && knownPartition != null && knownPartition.leader() >= 0) {
            ask(
                    new ControllerRequest.ReportFailedReplicas(
                            id,
                            brokerEpoch(),
                            List.of(new ControllerRequest.FailedReplica(
                                    image.topic(SimController.TOPIC)
                                            .orElseThrow()
                                            .id(),
                                    0,
                                    true))),
                    reply -> {},
                    () -> {});
        }
    }

    private boolean isNobodys(PartitionImage partition) {
        return partition.leader() != id
                && partition.leader() >= 0
                && !partition.isr().contains(id)
                && !partition.elr().contains(id);
    }

    private void copyAnew() {
        forget();
        corrupt = false;
    }

    private boolean saysElsewhere(ClusterImage old) {
        return old.partition(SimController.TOPIC, 0)
                .filter(partition -> !partition.replicas().contains(id))
                .isPresent();
    }

    // ---- the image

    @Override
    long imageVersion() {
        return image.version();
    }

    @Override
    void onImage(ClusterImage newest) {
        if (newest.version() <= image.version()) {
            return;
        }
        BrokerImage self = newest.brokers().get(id);
        boolean mine = self != null && self.epoch() == brokerEpoch();
        if (!mine && cluster.mutant() != Mutant.LEAD_BEFORE_REGISTRATION) {
            return; // what it says of this node is said of an earlier start of it
        }
        image = newest;
        history.add(newest);
        newest.topic(SimController.TOPIC)
                .ifPresent(topic -> onPartition(topic, topic.partitions().get(0)));
    }

    private void onPartition(TopicImage topic, PartitionImage partition) {
        PartitionImage before = knownPartition;
        knownPartition = partition;
        if (!partition.replicas().contains(id)) {
            copyAnew();
            return;
        }
        boolean isFenced = cluster.mutant() == Mutant.COPY_ANEW_IN_THE_SAME_EPOCH
                || (before != null && partition.leaderEpoch() > before.leaderEpoch());
        if (corrupt && isFenced && isNobodys(partition)) {
            copyAnew();
        }
        ReplicaSet replicas = replicas(topic, partition);
        if (partition.leader() != id) {
            lead(new LeaderEvent.Resigned<>(Errors.NOT_LEADER_OR_FOLLOWER));
            if (partition.leader() < 0) {
                follow(new FollowerEvent.Unfollowed());
            } else {
                if (cluster.mutant() == Mutant.TRUNCATE_TO_HIGH_WATERMARK
                        && partition.leaderEpoch() > follower.leaderEpoch()) {
                    log.truncate(Math.max(log.logStartOffset(), highWatermark.offset()));
                }
                follow(new FollowerEvent.Followed(partition.leader(), partition.leaderEpoch()));
            }
        } else if (partition.leaderEpoch() > leader.leaderEpoch() || !leader.isLeading()) {
            follow(new FollowerEvent.Unfollowed());
            cluster.oracle().leads(this, partition.leaderEpoch());
            log.startEpoch(partition.leaderEpoch());
            long epochStart = cluster.mutant() == Mutant.EXPAND_BELOW_EPOCH_START ? 0 : log.logEndOffset();
            lead(new LeaderEvent.Elected<>(replicas, epochStart, safeEndOffset()));
            sync();
        } else {
            lead(new LeaderEvent.ReplicasChanged<>(replicas));
        }
        pump();
    }

    /** The replica is elsewhere now: its log goes, and whatever was in memory of it. */
    private void forget() {
        lead(new LeaderEvent.Resigned<>(Errors.NOT_LEADER_OR_FOLLOWER));
        follow(new FollowerEvent.Unfollowed());
        log.restartAt(0);
        hostLog();
    }

    private void hostLog() {
        highWatermark = new HighWatermark(log.logStartOffset());
        leader = new LeaderReplica<>(id, highWatermark, LAG_MS);
        follower = new FollowerReplica(view(), highWatermark);
    }

    private ReplicaSet replicas(TopicImage topic, PartitionImage partition) {
        Map<Integer, Long> brokerEpochs = new HashMap<>();
        for (int replica : partition.replicas()) {
            BrokerImage broker = image.brokers().get(replica);
            if (broker != null && broker.active()) {
                brokerEpochs.put(replica, broker.epoch());
            }
        }
        int minimum = cluster.mutant() == Mutant.IGNORE_MIN_IN_SYNC
                ? 1
                : Integer.parseInt(topic.configs().getOrDefault("min.insync.replicas", "1"));
        return new ReplicaSet(
                partition.leaderEpoch(),
                partition.partitionEpoch(),
                partition.replicas(),
                partition.isr(),
                Math.min(minimum, partition.replicas().size()),
                brokerEpochs);
    }

    // ---- leading

    void produce(long value, short acks) {
        if (leader.isLeading()) {
            boolean early = cluster.mutant() == Mutant.ACKNOWLEDGE_BEFORE_REPLICATION && acks == ALL;
            short asked = early ? 1 : acks;
            lead(new LeaderEvent.AppendRequested<>(new Ticket(value, asked, log.logEndOffset()), asked, -1));
        }
    }

    private void lead(LeaderEvent<Ticket> event) {
        for (LeaderEffect<Ticket> effect : leader.step(event, cluster.clock().nowMs())) {
            switch (effect) {
                case LeaderEffect.Append<Ticket> append -> append(append.ticket());
                case LeaderEffect.Acknowledge<Ticket> acknowledge -> acknowledged(acknowledge.ticket());
                case LeaderEffect.Refuse<Ticket> refuse ->
                    cluster.clock().note(refuse.ticket().value());
                case LeaderEffect.AdvanceHighWatermark<Ticket> advance ->
                    cluster.oracle().highWatermark(this, leader.leaderEpoch(), advance.highWatermark());
                case LeaderEffect.AlterIsr<Ticket> alter -> alter(alter);
            }
        }
    }

    private void append(Ticket ticket) {
        SimLog.Entry entry = new SimLog.Entry(leader.leaderEpoch(), ticket.value());
        cluster.oracle().appended(this, log.logEndOffset(), entry);
        log.append(entry);
        sync();
        lead(new LeaderEvent.Appended<>(ticket, ticket.acks(), log.logEndOffset()));
    }

    private void acknowledged(Ticket ticket) {
        cluster.clock().note(ticket.value());
        if (ticket.acks() == ALL || cluster.mutant() == Mutant.ACKNOWLEDGE_BEFORE_REPLICATION) {
            cluster.oracle().acknowledged(this, ticket.offset(), ticket.value());
        }
    }

    private void alter(LeaderEffect.AlterIsr<Ticket> alter) {
        PartitionImage now = image.partition(SimController.TOPIC, 0).orElseThrow();
        List<ControllerRequest.IsrMember> members = alter.inSyncReplicas().stream()
                .map(member -> new ControllerRequest.IsrMember(member.nodeId(), member.brokerEpoch()))
                .toList();
        TopicImage topic = image.topic(SimController.TOPIC).orElseThrow();
        if (cluster.mutant() == Mutant.SHRINK_BEFORE_COMMIT
                && members.size() < now.isr().size()) {
            ReplicaSet seen = replicas(topic, now);
            List<Integer> fewer =
                    members.stream().map(ControllerRequest.IsrMember::nodeId).toList();
            lead(new LeaderEvent.ReplicasChanged<>(new ReplicaSet(
                    seen.leaderEpoch(), seen.partitionEpoch() + 1, seen.replicas(), fewer, 1, seen.brokerEpochs())));
        }
        ControllerRequest request = new ControllerRequest.AlterPartition(
                id,
                brokerEpoch(),
                List.of(new ControllerRequest.IsrChange(
                        topic.id(), 0, alter.leaderEpoch(), alter.partitionEpoch(), members)));
        ask(
                request,
                reply -> {
                    onImage(cluster.controller().image());
                    lead(new LeaderEvent.AlterIsrAnswered<>(alter.leaderEpoch(), alter.partitionEpoch(), error(reply)));
                },
                () -> lead(new LeaderEvent.AlterIsrAnswered<>(
                        alter.leaderEpoch(), alter.partitionEpoch(), Errors.REQUEST_TIMED_OUT)));
    }

    private static Errors error(ControllerReply reply) {
        return switch (reply) {
            case ControllerReply.PartitionsAltered it -> {
                Errors all = it.outcome().error();
                yield all == Errors.NONE ? it.partitions().get(0).outcome().error() : all;
            }
            case ControllerReply.Refused it -> it.outcome().error();
            default -> throw new AssertionError(reply);
        };
    }

    /** Drops the oldest records, as retention does: never at or above the high watermark. */
    void trimTo(long offset) {
        if (offset > log.logStartOffset() && offset <= highWatermark.offset()) {
            log.advanceStart(offset);
        }
    }

    // ---- following

    private FollowerLog view() {
        return switch (cluster.mutant()) {
            case CLAIM_UNSYNCED -> new MutantView(log, true);
            case NO_DIVERGENCE_CHECK -> new MutantView(log, false);
            default -> cluster.plan().lossy() ? new MutantView(log, true) : log;
        };
    }

    private void follow(FollowerEvent event) {
        for (FollowerEffect effect : follower.step(event, cluster.clock().nowMs())) {
            switch (effect) {
                case FollowerEffect.Truncate truncate -> {
                    cluster.oracle().truncated(this, truncate.offset(), truncate.belowHighWatermark());
                    log.truncate(truncate.offset());
                }
                case FollowerEffect.RestartAt restart -> {
                    cluster.oracle().truncated(this, restart.offset(), restart.belowHighWatermark());
                    log.restartAt(restart.offset());
                }
                case FollowerEffect.Append append -> {
                    arrived.forEach(log::append);
                    arrived = List.of();
                    after(0, () -> follow(new FollowerEvent.Appended()));
                    sync();
                }
                case FollowerEffect.Sync sync -> sync();
                case FollowerEffect.AdvanceHighWatermark advance ->
                    cluster.oracle().followerHighWatermark(this, advance.highWatermark());
                case FollowerEffect.AdvanceLogStart advance -> log.advanceStart(advance.offset());
            }
        }
    }

    /** Asks the leader, if there is something to ask. */
    private void pump() {
        if (brokerEpoch() < 0) {
            return;
        }
        follower.position(cluster.clock().nowMs()).ifPresent(position -> {
            follow(new FollowerEvent.Asked(position));
            int to = follower.leaderId();
            long epoch = brokerEpoch();
            cluster.network().send(id, to, () -> {
                SimNode other = cluster.node(to);
                other.receive(() -> other.onFetch(this, epoch, position, true));
            });
            after(TIMEOUT_MS, () -> {
                follow(new FollowerEvent.Unanswered(position));
                pump();
            });
            after(TIMEOUT_MS + 210, this::pump);
        });
    }

    private void onFetch(SimNode from, long fromBrokerEpoch, FetchPosition position, boolean mayWait) {
        Errors error = leader.check(position.leaderEpoch());
        if (error != Errors.NONE) {
            reply(from, position, FetchAnswer.refused(error), List.of());
            return;
        }
        long end = log.logEndOffset();
        EpochEnd diverging = divergence(position);
        boolean outOfRange = position.fetchOffset() < log.logStartOffset() || position.fetchOffset() > end;
        if (hasNothingInCommon(position) || (diverging == null && outOfRange)) {
            error = Errors.OFFSET_OUT_OF_RANGE;
            diverging = null;
        }
        List<SimLog.Entry> entries = List.of();
        if (error == Errors.NONE && diverging == null) {
            lead(new LeaderEvent.FollowerFetched<>(
                    from.id(),
                    fromBrokerEpoch,
                    position.leaderEpoch(),
                    position.fetchOffset(),
                    end,
                    position.logStartOffset()));
            entries = log.slice(position.fetchOffset(), MAX_ENTRIES);
            if (entries.isEmpty() && mayWait) {
                after(LONG_POLL_MS, () -> onFetch(from, fromBrokerEpoch, position, false));
                return;
            }
        }
        reply(
                from,
                position,
                new FetchAnswer(
                        error,
                        highWatermark.offset(),
                        log.logStartOffset(),
                        diverging,
                        entries.isEmpty() ? -1 : position.fetchOffset()),
                entries);
    }

    private EpochEnd divergence(FetchPosition position) {
        if (position.lastFetchedEpoch() < 0) {
            return null;
        }
        EpochEnd end = log.epochEnd(position.lastFetchedEpoch());
        boolean parted = end.epoch() < position.lastFetchedEpoch() || end.endOffset() < position.fetchOffset();
        return parted ? end : null;
    }

    private boolean hasNothingInCommon(FetchPosition position) {
        return position.lastFetchedEpoch() >= 0
                && position.lastFetchedEpoch() < log.latestEpoch()
                && log.epochEnd(position.lastFetchedEpoch()).endOffset() <= log.logStartOffset();
    }

    private void reply(SimNode to, FetchPosition position, FetchAnswer answer, List<SimLog.Entry> entries) {
        cluster.network().send(id, to.id(), () -> to.receive(() -> to.onAnswer(position, answer, entries)));
    }

    private void onAnswer(FetchPosition position, FetchAnswer answer, List<SimLog.Entry> entries) {
        if (cluster.mutant() == Mutant.HIGH_WATERMARK_BEFORE_DIVERGENCE && answer.diverging() != null) {
            follow(new FollowerEvent.Answered(
                    position, new FetchAnswer(Errors.NONE, answer.highWatermark(), answer.logStartOffset(), null, -1)));
            follow(new FollowerEvent.Asked(position));
        }
        arrived = entries;
        follow(new FollowerEvent.Answered(position, answer));
        arrived = List.of();
        pump();
    }

    // ---- the disk

    private void sync() {
        if (syncing || (log.durableEndOffset() == log.logEndOffset())) {
            return;
        }
        syncing = true;
        long end = log.logEndOffset();
        int cuts = log.cuts();
        after(cluster.disk().nextInt(12), () -> {
            syncing = false;
            log.syncedTo(end, cuts);
            lead(new LeaderEvent.Synced<>(safeEndOffset()));
            follow(new FollowerEvent.Synced());
            sync();
            pump();
        });
    }

    @Override
    public String toString() {
        return name() + "/" + brokerEpoch() + " v" + image.version() + " " + log + " hw=" + highWatermark.offset()
                + (leader.isLeading() ? " leads " + leader.leaderEpoch() : "");
    }
}
