// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import io.tailrace.cluster.metadata.ControllerReply.HeartbeatTaken;
import io.tailrace.cluster.metadata.ControllerRequest.BrokerHeartbeat;
import io.tailrace.cluster.metadata.MetadataRecord.BrokerFencingChanged;
import io.tailrace.cluster.metadata.MetadataRecord.BrokerLeaving;
import java.util.Optional;
import org.apache.kafka.common.protocol.Errors;

/**
 * Decides what follows from heartbeats, and from their absence.
 *
 * <pre>
 * node is    | silent for a session | heartbeat            | wants to be fenced | wants to shut down
 * fenced     | -                    | caught up: unfenced  | -                  | may stop
 * active     | fenced               | -                    | fenced             | leaving: its leaders move; may stop at once if no other is active
 * leaving    | fenced               | -                    | fenced             | fenced, and may stop, when all others have seen the move
 * </pre>
 *
 * The controller's own node is never silent: what would say so runs on it.
 */
final class Heartbeats {

    private final ControllerConfig config;
    private final Sessions sessions;
    private final NodeMoves moves;
    private long rebalancedMs = Long.MIN_VALUE;

    Heartbeats(ControllerConfig config, Sessions sessions, NodeMoves moves) {
        this.config = config;
        this.sessions = sessions;
        this.moves = moves;
    }

    ControllerReply decide(BrokerHeartbeat request, long nowMs, Draft draft) {
        if (!draft.image().brokers().containsKey(request.nodeId())) {
            Outcome gone = Outcome.refused(
                    Errors.BROKER_ID_NOT_REGISTERED, "Node " + request.nodeId() + " was taken out of the cluster.");
            return new HeartbeatTaken(gone, false, true, false);
        }
        Optional<Outcome> stale = BrokerChanges.staleness(request.nodeId(), request.brokerEpoch(), draft.image());
        if (stale.isPresent()) {
            return new HeartbeatTaken(stale.get(), false, true, false);
        }
        sessions.heard(request.nodeId(), request.imageVersion(), nowMs);
        BrokerImage broker = BrokerChanges.registered(request.nodeId(), draft.image());
        boolean caughtUp = request.imageVersion() >= broker.epoch();
        boolean shouldShutDown = false;
        if (request.wantShutdown()) {
            shouldShutDown = broker.fenced() || leave(broker, draft);
        } else if (request.wantFence()) {
            if (!broker.fenced()) {
                fence(broker, draft);
            }
        } else if (broker.fenced() && caughtUp) {
            unfence(broker, draft);
        }
        boolean fenced =
                BrokerChanges.registered(request.nodeId(), draft.image()).fenced();
        return new HeartbeatTaken(Outcome.ok(), caughtUp, fenced, shouldShutDown);
    }

    /** Whether the node may stop. */
    private boolean leave(BrokerImage broker, Draft draft) {
        boolean alone =
                draft.image().brokers().values().stream().noneMatch(it -> it.active() && it.id() != broker.id());
        if (alone) {
            // Nobody could take over. Its leaders wait for it, and what it is trusted with stays.
            return true;
        }
        if (!broker.leaving()) {
            mustFit(draft.emit(new BrokerLeaving(broker.id(), broker.epoch())));
            moves.departed(broker.id(), false, draft);
        }
        long version = sessions.leavingVersion(broker.id(), draft.image().version());
        boolean seen = draft.image().brokers().values().stream()
                .filter(it -> !it.fenced() && it.id() != broker.id() && it.id() != config.nodeId())
                .allMatch(it -> sessions.hasApplied(it.id(), version));
        if (broker.leaving() && seen) {
            fence(broker, draft);
            return true;
        }
        return false;
    }

    void fence(BrokerImage broker, Draft draft) {
        moves.departed(broker.id(), false, draft);
        mustFit(draft.emit(new BrokerFencingChanged(broker.id(), broker.epoch(), true)));
    }

    void unfence(BrokerImage broker, Draft draft) {
        mustFit(draft.emit(new BrokerFencingChanged(broker.id(), broker.epoch(), false)));
        moves.arrived(draft);
    }

    /** Fences who is silent; now and then puts leadership in order. */
    void tick(long nowMs, Draft draft) {
        for (int node : sessions.silent(nowMs)) {
            BrokerImage broker = draft.image().brokers().get(node);
            if (broker == null) {
                sessions.forget(node);
            } else if (!broker.fenced() && node != config.nodeId()) {
                fence(broker, draft);
            }
        }
        if (rebalancedMs == Long.MIN_VALUE) {
            rebalancedMs = nowMs;
        }
        if (config.liveness().rebalance()
                && nowMs - rebalancedMs >= config.liveness().rebalanceIntervalMs()) {
            rebalancedMs = nowMs;
            moves.rebalance(draft);
        }
    }

    private static void mustFit(Outcome outcome) {
        if (!outcome.isOk()) {
            throw new IllegalStateException("a record of some bytes was refused: " + outcome);
        }
    }
}
