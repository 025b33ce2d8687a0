// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import io.tailrace.cluster.metadata.ControllerReply.BrokerRegistered;
import io.tailrace.cluster.metadata.ControllerReply.Done;
import io.tailrace.cluster.metadata.ControllerReply.ProducerIdsAllocated;
import io.tailrace.cluster.metadata.ControllerRequest.AllocateProducerIds;
import io.tailrace.cluster.metadata.ControllerRequest.FenceBroker;
import io.tailrace.cluster.metadata.ControllerRequest.RegisterBroker;
import io.tailrace.cluster.metadata.ControllerRequest.UnregisterBroker;
import io.tailrace.cluster.metadata.MetadataRecord.BrokerUnregistered;
import java.util.Optional;
import org.apache.kafka.common.protocol.Errors;

/**
 * Decides what nodes ask for themselves: to be registered, fenced, given producer ids.
 *
 * <p>A broker epoch is the version of the image that the registration makes; it grows with each start of a node. A node that runs may not be
 * registered a second time by another process. The controller's own node is the exception: the process that asks is the one that answers (its
 * incarnation says so), and holds the lock on the data, so whoever was registered before is dead.
 *
 * <p>A node that was not shut down cleanly, which the broker epoch that it remembers tells, leaves the ISR and the ELR (KIP-966).
 */
final class BrokerChanges {

    /** As many as Kafka hands out at once. */
    static final int PRODUCER_ID_BLOCK = 1000;

    private final ControllerConfig config;
    private final Sessions sessions;
    private final NodeMoves moves;
    private final Heartbeats heartbeats;

    BrokerChanges(ControllerConfig config, Sessions sessions, NodeMoves moves, Heartbeats heartbeats) {
        this.config = config;
        this.sessions = sessions;
        this.moves = moves;
        this.heartbeats = heartbeats;
    }

    ControllerReply register(RegisterBroker request, long nowMs, Draft draft) {
        ClusterImage image = draft.image();
        if (!request.clusterId().equals(image.clusterId())) {
            return refused(
                    Errors.INCONSISTENT_CLUSTER_ID,
                    "Node " + request.nodeId() + " belongs to cluster " + request.clusterId() + "; this is cluster "
                            + image.clusterId() + ".");
        }
        boolean isOurs = request.nodeId() == config.nodeId();
        if (isOurs
                && !config.incarnationId().map(request.incarnationId()::equals).orElse(true)) {
            return duplicate(request.nodeId());
        }
        BrokerImage before = image.brokers().get(request.nodeId());
        if (before != null) {
            if (before.incarnationId().equals(request.incarnationId())) {
                return new BrokerRegistered(Outcome.ok(), before.epoch());
            }
            if (!before.fenced() && !isOurs) {
                return duplicate(request.nodeId());
            }
            if (before.epoch() != request.previousBrokerEpoch()) {
                moves.departed(request.nodeId(), true, draft);
            }
        }
        long epoch = draft.image().version() + 1;
        Outcome outcome = draft.emit(new MetadataRecord.BrokerRegistered(
                request.nodeId(), epoch, request.incarnationId(), request.endpoints(), request.rack(), !isOurs));
        if (outcome.isOk()) {
            sessions.registered(request.nodeId(), nowMs);
        }
        if (isOurs && outcome.isOk()) {
            moves.arrived(draft);
        }
        return new BrokerRegistered(outcome, outcome.isOk() ? epoch : -1);
    }

    private static BrokerRegistered duplicate(int node) {
        return refused(
                Errors.DUPLICATE_BROKER_REGISTRATION,
                "Another process is registered as node " + node + " and is not fenced.");
    }

    ControllerReply unregister(UnregisterBroker request, Draft draft) {
        BrokerImage broker = draft.image().brokers().get(request.nodeId());
        if (broker == null) {
            return new Done(Outcome.refused(
                    Errors.BROKER_ID_NOT_REGISTERED, "Broker ID " + request.nodeId() + " is not currently registered"));
        }
        if (request.nodeId() == config.nodeId()) {
            return new Done(Outcome.refused(
                    Errors.INVALID_REQUEST,
                    "Node " + request.nodeId() + " is the controller and cannot take itself out."));
        }
        moves.departed(request.nodeId(), true, draft);
        sessions.forget(request.nodeId());
        return new Done(draft.emit(new BrokerUnregistered(request.nodeId(), broker.epoch())));
    }

    ControllerReply fence(FenceBroker request, Draft draft) {
        Optional<Outcome> stale = staleness(request.nodeId(), request.brokerEpoch(), draft.image());
        if (stale.isPresent()) {
            return new Done(stale.get());
        }
        BrokerImage broker = registered(request.nodeId(), draft.image());
        if (broker.fenced() == request.fenced()) {
            return new Done(Outcome.ok());
        }
        if (request.fenced()) {
            heartbeats.fence(broker, draft);
        } else {
            heartbeats.unfence(broker, draft);
        }
        return new Done(Outcome.ok());
    }

    ControllerReply allocate(AllocateProducerIds request, Draft draft) {
        Optional<Outcome> stale = staleness(request.nodeId(), request.brokerEpoch(), draft.image());
        if (stale.isPresent()) {
            return new ProducerIdsAllocated(stale.get(), -1, 0);
        }
        long first = draft.image().nextProducerId();
        if (first > Long.MAX_VALUE - PRODUCER_ID_BLOCK) {
            return new ProducerIdsAllocated(
                    Outcome.refused(Errors.UNKNOWN_SERVER_ERROR, "All producer ids have been given out."), -1, 0);
        }
        Outcome outcome = draft.emit(new MetadataRecord.ProducerIdsAllocated(
                request.nodeId(), request.brokerEpoch(), first + PRODUCER_ID_BLOCK));
        return new ProducerIdsAllocated(outcome, first, PRODUCER_ID_BLOCK);
    }

    static Optional<Outcome> staleness(int nodeId, long brokerEpoch, ClusterImage image) {
        BrokerImage broker = image.brokers().get(nodeId);
        return broker != null && broker.epoch() == brokerEpoch
                ? Optional.empty()
                : Optional.of(Outcome.refused(
                        Errors.STALE_BROKER_EPOCH,
                        "Node " + nodeId + " is not registered with broker epoch " + brokerEpoch + "."));
    }

    /** Only after {@link #staleness} was empty. */
    static BrokerImage registered(int nodeId, ClusterImage image) {
        BrokerImage broker = image.brokers().get(nodeId);
        if (broker == null) {
            throw new IllegalStateException("node " + nodeId + " is not registered");
        }
        return broker;
    }

    static boolean isActive(int node, ClusterImage image) {
        BrokerImage broker = image.brokers().get(node);
        return broker != null && broker.active();
    }

    private static BrokerRegistered refused(Errors error, String message) {
        return new BrokerRegistered(Outcome.refused(error, message), -1);
    }
}
