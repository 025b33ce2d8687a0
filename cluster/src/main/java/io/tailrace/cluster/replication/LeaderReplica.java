// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication;

import io.tailrace.cluster.machine.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * One partition, seen by the node that leads it: who may append, when a batch counts, how far readers may see, who is in sync.
 *
 * <p><b>Intuition.</b> A leader promises two things. To the producer: what I acknowledged is not lost while as many replicas as you asked for
 * survive. To the reader: what I showed you will not disappear. Both hang on one number, the high watermark: every record below it is on the
 * disk of every in-sync replica.
 *
 * <p><b>When a batch counts.</b> acks=0: at once, nobody is told. acks=1: when it is durable here. acks=all: when the high watermark has
 * passed it. Durable is what the log calls so: synced, unless the topic opted out ({@code flush.messages}).
 *
 * <p><b>The high watermark</b> is the least durable end among the in-sync replicas, those proposed included ({@link InSyncReplicas}). It also
 * waits for a follower that is caught up and about to join, or a fast producer would keep it out for ever. Below {@code min.insync.replicas} it
 * stands still (KIP-966). It never falls while this node leads. A new leader's may lag behind what its predecessor told: until it has reached
 * the epoch's start, {@link #knowsHighWatermark} says so, and nobody is told where the log ends.
 *
 * <p><b>min.insync.replicas</b> is asked twice for acks=all: before the append (NOT_ENOUGH_REPLICAS, nothing is written) and when the
 * in-sync replicas shrink below it while a ticket waits (NOT_ENOUGH_REPLICAS_AFTER_APPEND, the batch stays in the log).
 *
 * <p><b>Who is in sync.</b> A follower that was not caught up for {@code replica.lag.time.max.ms} is proposed out. One that has fetched in this
 * epoch, from its current start, at or above the high watermark and the epoch's start is proposed in (KAFKA-7128, KAFKA-15221). Proposals go
 * to the controller one at a time, and count only when they come back in an image.
 *
 * <p><b>Epochs.</b> A request that names a leader epoch is refused unless it is the current one: a lower one is FENCED_LEADER_EPOCH, the
 * asker is behind; a higher one UNKNOWN_LEADER_EPOCH, this node is (KIP-320).
 *
 * <table>
 * <caption>States</caption>
 * <tr><td>not leading</td><td>refuses all; entered at the start and by {@code Resigned}; left by {@code Elected}</td></tr>
 * <tr><td>leading</td><td>entered by {@code Elected}, also with a higher epoch; left by {@code Resigned}</td></tr>
 * </table>
 *
 * @param <T> the host's handle for a waiting append; handed back unread
 */
public final class LeaderReplica<T> implements Machine<LeaderEvent<T>, LeaderEffect<T>> {

    private static final short ACKS_ALL = -1;
    private static final ReplicaSet NONE = new ReplicaSet(-1, -1, List.of(), List.of(), 1, Map.of());

    private final int nodeId;
    private final long replicaLagMaxMs;
    private final HighWatermark highWatermark;

    /** Waits for the local disk (acks=1). */
    private final WaitingAppends<T> awaitingDisk = new WaitingAppends<>();

    /** Waits for the high watermark (acks=all). */
    private final WaitingAppends<T> awaitingReplicas = new WaitingAppends<>();

    /** The other replicas, by node id. Empty while not leading. */
    private final TreeMap<Integer, FollowerProgress> followers = new TreeMap<>();

    private boolean leading;
    private ReplicaSet replicas = NONE;
    private InSyncReplicas inSync = new InSyncReplicas(List.of());

    /** The proposal that is pending is to be sent, again or at last. */
    private boolean proposalUnsent;

    /** The proposal that is pending was sent at least once without an answer, and may yet arrive. */
    private boolean proposalLost;

    private long epochStartOffset;
    private long durableEndOffset;

    /**
     * @param highWatermark shared with the follower that this replica is while it does not lead
     * @param replicaLagMaxMs {@code replica.lag.time.max.ms}
     */
    public LeaderReplica(int nodeId, HighWatermark highWatermark, long replicaLagMaxMs) {
        this.nodeId = nodeId;
        this.highWatermark = highWatermark;
        this.replicaLagMaxMs = replicaLagMaxMs;
    }

    /** Readers see below this (exclusive). Never falls while this node leads. */
    public long highWatermark() {
        return highWatermark.offset();
    }

    /** The current epoch, or -1 before the first one. */
    public int leaderEpoch() {
        return replicas.leaderEpoch();
    }

    public boolean isLeading() {
        return leading;
    }

    /**
     * Whether the high watermark is known to be as high as any leader before has told. While it is not, the answer to "where does the log end"
     * is OFFSET_NOT_AVAILABLE (KIP-207).
     */
    public boolean knowsHighWatermark() {
        return highWatermark.offset() >= epochStartOffset;
    }

    /**
     * Below this (exclusive) no replica has records any more, of those whose nodes live (KIP-107); -1 while one of them has not been heard of in this
     * epoch.
     *
     * @param logStartOffset of the local log
     */
    public long lowWatermark(long logStartOffset) {
        long lowest = logStartOffset;
        for (Map.Entry<Integer, FollowerProgress> entry : followers.entrySet()) {
            FollowerProgress follower = entry.getValue();
            if (replicas.brokerEpochs().containsKey(entry.getKey())) {
                boolean isOfItsCurrentStart = replicas.isEligible(entry.getKey(), follower.brokerEpoch());
                lowest = Math.min(lowest, isOfItsCurrentStart ? follower.logStartOffset() : -1);
            }
        }
        return lowest;
    }

    /** Whether a request that believes in {@code requestedEpoch} (-1: in none) may be served by this leader. */
    public Errors check(int requestedEpoch) {
        if (!leading) {
            return Errors.NOT_LEADER_OR_FOLLOWER;
        }
        if (requestedEpoch < 0 || requestedEpoch == leaderEpoch()) {
            return Errors.NONE;
        }
        return requestedEpoch < leaderEpoch() ? Errors.FENCED_LEADER_EPOCH : Errors.UNKNOWN_LEADER_EPOCH;
    }

    @Override
    public List<LeaderEffect<T>> step(LeaderEvent<T> event, long nowMs) {
        return switch (event) {
            case LeaderEvent.AppendRequested<T> request -> onAppendRequested(request);
            case LeaderEvent.Appended<T> appended -> onAppended(appended);
            case LeaderEvent.Synced<T> synced -> onSynced(synced, nowMs);
            case LeaderEvent.FollowerFetched<T> fetched -> onFetched(fetched, nowMs);
            case LeaderEvent.Elected<T> elected -> onElected(elected, nowMs);
            case LeaderEvent.ReplicasChanged<T> changed -> onReplicasChanged(changed.replicas(), nowMs);
            case LeaderEvent.AlterIsrAnswered<T> answered -> onAlterIsrAnswered(answered, nowMs);
            case LeaderEvent.Ticked<T> ticked -> onTicked(ticked.logEndOffset(), nowMs);
            case LeaderEvent.Resigned<T> resigned -> onResigned(resigned);
            case LeaderEvent.WriteFailed<T> failed -> onWriteFailed(failed);
            case LeaderEvent.Expired<T> expired -> onExpired(expired);
        };
    }

    private List<LeaderEffect<T>> onAppendRequested(LeaderEvent.AppendRequested<T> request) {
        Errors error = check(request.leaderEpoch());
        if (error == Errors.NONE && request.acks() == ACKS_ALL && inSync.isBelow(replicas.minInSyncReplicas())) {
            error = Errors.NOT_ENOUGH_REPLICAS;
        }
        return List.of(
                error == Errors.NONE
                        ? new LeaderEffect.Append<>(request.ticket())
                        : new LeaderEffect.Refuse<>(request.ticket(), error));
    }

    private List<LeaderEffect<T>> onAppended(LeaderEvent.Appended<T> appended) {
        boolean all = appended.acks() == ACKS_ALL;
        boolean counts = appended.endOffset() <= (all ? highWatermark.offset() : durableEndOffset);
        if (appended.acks() == 0 || counts) {
            return List.of(new LeaderEffect.Acknowledge<>(appended.ticket()));
        }
        (all ? awaitingReplicas : awaitingDisk).add(appended.ticket(), appended.endOffset());
        return List.of();
    }

    private List<LeaderEffect<T>> onSynced(LeaderEvent.Synced<T> synced, long nowMs) {
        if (!leading) {
            return List.of();
        }
        durableEndOffset = Math.max(durableEndOffset, synced.durableEndOffset());
        List<LeaderEffect<T>> effects = new ArrayList<>();
        advance(effects, nowMs);
        awaitingDisk.passed(durableEndOffset, ticket -> effects.add(new LeaderEffect.Acknowledge<>(ticket)));
        return effects;
    }

    private List<LeaderEffect<T>> onElected(LeaderEvent.Elected<T> elected, long nowMs) {
        if (leading && elected.replicas().leaderEpoch() <= leaderEpoch()) {
            return List.of();
        }
        List<LeaderEffect<T>> effects = new ArrayList<>();
        if (leading) {
            refuseAll(effects, Errors.NOT_LEADER_OR_FOLLOWER);
        }
        leading = true;
        epochStartOffset = elected.logEndOffset();
        durableEndOffset = elected.durableEndOffset();
        followers.clear(); // nothing that was fetched in another epoch counts in this one
        follow(elected.replicas(), nowMs);
        advance(effects, nowMs);
        return effects;
    }

    private void follow(ReplicaSet changed, long nowMs) {
        replicas = changed;
        inSync = new InSyncReplicas(changed.inSyncReplicas());
        proposalUnsent = false;
        proposalLost = false;
        followers.keySet().retainAll(changed.replicas());
        for (int replica : changed.replicas()) {
            if (replica != nodeId) {
                followers.computeIfAbsent(replica, added -> new FollowerProgress(inSync.mayHold(replica), nowMs));
            }
        }
    }

    private List<LeaderEffect<T>> onReplicasChanged(ReplicaSet changed, long nowMs) {
        if (!leading || changed.leaderEpoch() != leaderEpoch()) {
            return List.of();
        }
        List<LeaderEffect<T>> effects = new ArrayList<>();
        if (changed.partitionEpoch() > replicas.partitionEpoch()) {
            follow(changed, nowMs);
        } else if (changed.partitionEpoch() == replicas.partitionEpoch()) {
            replicas = changed; // nodes came or went, or the minimum changed; a proposal is on its way still
        }
        if (inSync.isBelow(replicas.minInSyncReplicas())) {
            awaitingReplicas.all(
                    ticket -> effects.add(new LeaderEffect.Refuse<>(ticket, Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND)));
        }
        advance(effects, nowMs);
        return effects;
    }

    private List<LeaderEffect<T>> onFetched(LeaderEvent.FollowerFetched<T> fetched, long nowMs) {
        FollowerProgress follower = followers.get(fetched.nodeId());
        if (!leading || follower == null || fetched.leaderEpoch() != leaderEpoch()) {
            return List.of();
        }
        follower.fetched(fetched, nowMs);
        List<LeaderEffect<T>> effects = new ArrayList<>();
        if (mayJoin(fetched.nodeId(), follower)) {
            inSync.proposeWith(fetched.nodeId());
            effects.add(proposal());
        }
        advance(effects, nowMs);
        return effects;
    }

    private boolean mayJoin(int follower, FollowerProgress progress) {
        return !inSync.isPending()
                && !inSync.mayHold(follower)
                && progress.endOffset() >= highWatermark.offset()
                && progress.endOffset() >= epochStartOffset
                && replicas.isEligible(follower, progress.brokerEpoch());
    }

    private List<LeaderEffect<T>> onTicked(long logEndOffset, long nowMs) {
        if (!leading) {
            return List.of();
        }
        List<LeaderEffect<T>> effects = new ArrayList<>();
        if (proposalUnsent) {
            proposalUnsent = false;
            effects.add(proposal());
        } else if (!inSync.isPending()) {
            List<Integer> late = inSync.committed().stream()
                    .filter(replica -> isLate(followers.get(replica), logEndOffset, nowMs))
                    .toList();
            if (!late.isEmpty()) {
                inSync.proposeWithout(late);
                effects.add(proposal());
            }
        }
        advance(effects, nowMs); // a follower that it waited for may have fallen back
        return effects;
    }

    private boolean isLate(@Nullable FollowerProgress follower, long logEndOffset, long nowMs) {
        return follower != null && !follower.isCaughtUp(logEndOffset, nowMs, replicaLagMaxMs);
    }

    private LeaderEffect<T> proposal() {
        List<Integer> proposed = inSync.proposed();
        if (proposed == null) {
            throw new IllegalStateException("nothing is proposed");
        }
        return new LeaderEffect.AlterIsr<>(
                leaderEpoch(),
                replicas.partitionEpoch(),
                proposed.stream()
                        .map(node -> new LeaderEffect.InSyncReplica(node, brokerEpoch(node)))
                        .toList());
    }

    private long brokerEpoch(int node) {
        FollowerProgress follower = followers.get(node);
        return follower == null || follower.brokerEpoch() < 0
                ? replicas.brokerEpochs().getOrDefault(node, -1L)
                : follower.brokerEpoch();
    }

    private List<LeaderEffect<T>> onAlterIsrAnswered(LeaderEvent.AlterIsrAnswered<T> answered, long nowMs) {
        if (!leading
                || !inSync.isPending()
                || answered.leaderEpoch() != leaderEpoch()
                || answered.partitionEpoch() != replicas.partitionEpoch()) {
            return List.of();
        }
        List<LeaderEffect<T>> effects = new ArrayList<>();
        switch (answered.error()) {
            case NONE -> {} // the image will say it
            case INELIGIBLE_REPLICA -> {
                if (proposalLost) {
                    proposalUnsent = true; // this one was refused; one sent before may still be on its way
                } else {
                    inSync.drop(); // refused for good, so nobody can be elected from it
                    advance(effects, nowMs);
                }
            }
            // The image that this leader knows is out of date: whatever the controller has in its place comes with the
            // next one.
            case FENCED_LEADER_EPOCH, INVALID_UPDATE_VERSION, UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION -> {}
            default -> {
                proposalUnsent = true; // nobody knows whether it arrived; to say it twice does no harm
                proposalLost = true;
            }
        }
        return effects;
    }

    private List<LeaderEffect<T>> onResigned(LeaderEvent.Resigned<T> resigned) {
        leading = false;
        followers.clear();
        List<LeaderEffect<T>> effects = new ArrayList<>();
        refuseAll(effects, resigned.error());
        return effects;
    }

    private List<LeaderEffect<T>> onWriteFailed(LeaderEvent.WriteFailed<T> failed) {
        List<LeaderEffect<T>> effects = new ArrayList<>();
        for (WaitingAppends<T> waiting : List.of(awaitingDisk, awaitingReplicas)) {
            waiting.lost(
                    failed.logEndOffset(), ticket -> effects.add(new LeaderEffect.Refuse<>(ticket, failed.error())));
        }
        return effects;
    }

    private List<LeaderEffect<T>> onExpired(LeaderEvent.Expired<T> expired) {
        boolean waited = awaitingReplicas.remove(expired.ticket()) || awaitingDisk.remove(expired.ticket());
        return waited ? List.of(new LeaderEffect.Refuse<>(expired.ticket(), Errors.REQUEST_TIMED_OUT)) : List.of();
    }

    private void advance(List<LeaderEffect<T>> effects, long nowMs) {
        if (inSync.isBelow(replicas.minInSyncReplicas())) {
            return;
        }
        long committed = durableEndOffset;
        for (Map.Entry<Integer, FollowerProgress> entry : followers.entrySet()) {
            FollowerProgress follower = entry.getValue();
            if (inSync.mayHold(entry.getKey()) || isAboutToJoin(entry.getKey(), follower, nowMs)) {
                committed = Math.min(committed, follower.endOffset());
            }
        }
        if (highWatermark.advanceTo(committed)) {
            effects.add(new LeaderEffect.AdvanceHighWatermark<>(committed));
        }
        awaitingReplicas.passed(highWatermark.offset(), ticket -> effects.add(new LeaderEffect.Acknowledge<>(ticket)));
    }

    private boolean isAboutToJoin(int follower, FollowerProgress progress, long nowMs) {
        return progress.isCaughtUp(Long.MAX_VALUE, nowMs, replicaLagMaxMs)
                && replicas.isEligible(follower, progress.brokerEpoch());
    }

    private void refuseAll(List<LeaderEffect<T>> effects, Errors error) {
        awaitingDisk.all(ticket -> effects.add(new LeaderEffect.Refuse<>(ticket, error)));
        awaitingReplicas.all(ticket -> effects.add(new LeaderEffect.Refuse<>(ticket, error)));
    }
}
