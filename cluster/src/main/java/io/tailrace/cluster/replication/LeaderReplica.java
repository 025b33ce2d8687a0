// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication;

import io.tailrace.cluster.machine.Machine;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/**
 * One partition, seen by the node that leads it: who may append, when a batch counts, how far readers may see.
 *
 * <p><b>Intuition.</b> A leader promises two things. To the producer: what I acknowledged is not lost while as many replicas as you asked for
 * survive. To the reader: what I showed you will not disappear. Both hang on one number, the high watermark: every record below it is on the
 * disk of every in-sync replica.
 *
 * <p><b>When a batch counts.</b> acks=0: at once, nobody is told. acks=1: when it is durable here. acks=all: when the high watermark has
 * passed it. Durable is what the log calls so: synced, unless the topic opted out ({@code flush.messages}). Offsets become durable in order,
 * so waiting tickets stand in two queues, by what they wait for, and are served from the front.
 *
 * <p><b>min.insync.replicas</b> is asked twice for acks=all: before the append (NOT_ENOUGH_REPLICAS, nothing is written) and when the
 * in-sync replicas shrink below it while a ticket waits (NOT_ENOUGH_REPLICAS_AFTER_APPEND, the batch stays in the log).
 *
 * <p><b>Epochs.</b> A request that names a leader epoch is refused unless it is the current one: a lower one is FENCED_LEADER_EPOCH, the
 * asker is behind; a higher one UNKNOWN_LEADER_EPOCH, this node is (KIP-320).
 *
 * <p><b>Followers.</b> While this node is its only in-sync replica, the high watermark is the end of what is durable here. What followers
 * have arrives as further events; the watermark is then the least over the in-sync replicas.
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

    /** Waits for the local disk (acks=1). In order of end offset. */
    private final ArrayDeque<Waiting<T>> awaitingDisk = new ArrayDeque<>();

    /** Waits for the high watermark (acks=all). In order of end offset. */
    private final ArrayDeque<Waiting<T>> awaitingReplicas = new ArrayDeque<>();

    private boolean leading;
    private int leaderEpoch = -1;
    private List<Integer> inSyncReplicas = List.of();
    private int minInSyncReplicas = 1;
    private long durableEndOffset;
    private long highWatermark;

    /** @param highWatermark the last one known, at most the end of the local log */
    public LeaderReplica(long highWatermark) {
        this.highWatermark = highWatermark;
    }

    /** Readers see below this (exclusive). Never falls while this node leads. */
    public long highWatermark() {
        return highWatermark;
    }

    /** The current epoch, or -1 before the first one. */
    public int leaderEpoch() {
        return leaderEpoch;
    }

    public boolean isLeading() {
        return leading;
    }

    /** Whether a request that believes in {@code requestedEpoch} (-1: in none) may be served by this leader. */
    public Errors check(int requestedEpoch) {
        if (!leading) {
            return Errors.NOT_LEADER_OR_FOLLOWER;
        }
        if (requestedEpoch < 0 || requestedEpoch == leaderEpoch) {
            return Errors.NONE;
        }
        return requestedEpoch < leaderEpoch ? Errors.FENCED_LEADER_EPOCH : Errors.UNKNOWN_LEADER_EPOCH;
    }

    @Override
    public List<LeaderEffect<T>> step(LeaderEvent<T> event, long nowMs) {
        return switch (event) {
            case LeaderEvent.AppendRequested<T> request -> onAppendRequested(request);
            case LeaderEvent.Appended<T> appended -> onAppended(appended);
            case LeaderEvent.Synced<T> synced -> onSynced(synced);
            case LeaderEvent.Elected<T> elected -> onElected(elected);
            case LeaderEvent.InSyncReplicasChanged<T> changed -> onInSyncReplicasChanged(changed);
            case LeaderEvent.Resigned<T> resigned -> onResigned(resigned);
            case LeaderEvent.WriteFailed<T> failed -> refuseFrom(failed.logEndOffset(), failed.error());
            case LeaderEvent.Expired<T> expired -> onExpired(expired);
        };
    }

    private List<LeaderEffect<T>> onAppendRequested(LeaderEvent.AppendRequested<T> request) {
        Errors error = check(request.leaderEpoch());
        if (error == Errors.NONE && request.acks() == ACKS_ALL && inSyncReplicas.size() < minInSyncReplicas) {
            error = Errors.NOT_ENOUGH_REPLICAS;
        }
        return List.of(
                error == Errors.NONE
                        ? new LeaderEffect.Append<>(request.ticket())
                        : new LeaderEffect.Refuse<>(request.ticket(), error));
    }

    private List<LeaderEffect<T>> onAppended(LeaderEvent.Appended<T> appended) {
        boolean all = appended.acks() == ACKS_ALL;
        boolean counts = appended.endOffset() <= (all ? highWatermark : durableEndOffset);
        if (appended.acks() == 0 || counts) {
            return List.of(new LeaderEffect.Acknowledge<>(appended.ticket()));
        }
        ArrayDeque<Waiting<T>> queue = all ? awaitingReplicas : awaitingDisk;
        Waiting<T> waiting = new Waiting<>(appended.ticket(), appended.endOffset());
        if (queue.isEmpty() || queue.getLast().endOffset <= waiting.endOffset) {
            queue.addLast(waiting);
        } else {
            insertInOrder(queue, waiting); // a duplicate of something that waits already
        }
        return List.of();
    }

    private List<LeaderEffect<T>> onSynced(LeaderEvent.Synced<T> synced) {
        durableEndOffset = Math.max(durableEndOffset, synced.durableEndOffset());
        List<LeaderEffect<T>> effects = new ArrayList<>(awaitingDisk.size() + awaitingReplicas.size() + 1);
        advance(effects);
        return effects;
    }

    private List<LeaderEffect<T>> onElected(LeaderEvent.Elected<T> elected) {
        if (leading && elected.leaderEpoch() <= leaderEpoch) {
            return List.of();
        }
        List<LeaderEffect<T>> effects = new ArrayList<>();
        if (leading) {
            refuseAll(effects, Errors.NOT_LEADER_OR_FOLLOWER);
        }
        leading = true;
        leaderEpoch = elected.leaderEpoch();
        inSyncReplicas = List.copyOf(elected.inSyncReplicas());
        minInSyncReplicas = elected.minInSyncReplicas();
        durableEndOffset = elected.durableEndOffset();
        advance(effects);
        return effects;
    }

    private List<LeaderEffect<T>> onInSyncReplicasChanged(LeaderEvent.InSyncReplicasChanged<T> changed) {
        inSyncReplicas = List.copyOf(changed.inSyncReplicas());
        minInSyncReplicas = changed.minInSyncReplicas();
        List<LeaderEffect<T>> effects = new ArrayList<>();
        if (inSyncReplicas.size() < minInSyncReplicas) {
            refuseAll(effects, awaitingReplicas, Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND);
        }
        advance(effects);
        return effects;
    }

    private List<LeaderEffect<T>> onResigned(LeaderEvent.Resigned<T> resigned) {
        leading = false;
        List<LeaderEffect<T>> effects = new ArrayList<>();
        refuseAll(effects, resigned.error());
        return effects;
    }

    private List<LeaderEffect<T>> onExpired(LeaderEvent.Expired<T> expired) {
        boolean waited = awaitingReplicas.removeIf(waiting -> waiting.ticket.equals(expired.ticket()))
                || awaitingDisk.removeIf(waiting -> waiting.ticket.equals(expired.ticket()));
        return waited ? List.of(new LeaderEffect.Refuse<>(expired.ticket(), Errors.REQUEST_TIMED_OUT)) : List.of();
    }

    /** A sole in-sync replica needs no one else's word; below the minimum nothing advances (KIP-966). */
    private void advance(List<LeaderEffect<T>> effects) {
        boolean alone = inSyncReplicas.size() == 1;
        if (leading && alone && minInSyncReplicas <= 1 && durableEndOffset > highWatermark) {
            highWatermark = durableEndOffset;
            effects.add(new LeaderEffect.AdvanceHighWatermark<>(highWatermark));
        }
        acknowledge(effects, awaitingDisk, durableEndOffset);
        acknowledge(effects, awaitingReplicas, highWatermark);
    }

    private void acknowledge(List<LeaderEffect<T>> effects, ArrayDeque<Waiting<T>> queue, long endOffset) {
        while (!queue.isEmpty() && queue.getFirst().endOffset <= endOffset) {
            effects.add(new LeaderEffect.Acknowledge<>(queue.removeFirst().ticket));
        }
    }

    private List<LeaderEffect<T>> refuseFrom(long logEndOffset, Errors error) {
        List<LeaderEffect<T>> effects = new ArrayList<>();
        for (ArrayDeque<Waiting<T>> queue : List.of(awaitingDisk, awaitingReplicas)) {
            while (!queue.isEmpty() && queue.getLast().endOffset > logEndOffset) {
                effects.add(new LeaderEffect.Refuse<>(queue.removeLast().ticket, error));
            }
        }
        return effects;
    }

    private void refuseAll(List<LeaderEffect<T>> effects, Errors error) {
        refuseAll(effects, awaitingDisk, error);
        refuseAll(effects, awaitingReplicas, error);
    }

    private void refuseAll(List<LeaderEffect<T>> effects, ArrayDeque<Waiting<T>> queue, Errors error) {
        queue.forEach(waiting -> effects.add(new LeaderEffect.Refuse<>(waiting.ticket, error)));
        queue.clear();
    }

    private static <T> void insertInOrder(ArrayDeque<Waiting<T>> queue, Waiting<T> late) {
        List<Waiting<T>> behind = new ArrayList<>();
        for (Iterator<Waiting<T>> all = queue.descendingIterator(); all.hasNext(); ) {
            Waiting<T> waiting = all.next();
            if (waiting.endOffset <= late.endOffset) {
                break;
            }
            behind.add(waiting);
        }
        behind.forEach(waiting -> queue.removeLast());
        queue.addLast(late);
        for (int i = behind.size() - 1; i >= 0; i--) {
            queue.addLast(behind.get(i));
        }
    }

    private record Waiting<T>(T ticket, long endOffset) {}
}
