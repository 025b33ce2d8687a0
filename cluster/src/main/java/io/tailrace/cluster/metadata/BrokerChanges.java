// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import io.tailrace.cluster.metadata.ControllerReply.BrokerRegistered;
import io.tailrace.cluster.metadata.ControllerReply.Done;
import io.tailrace.cluster.metadata.ControllerReply.ProducerIdsAllocated;
import io.tailrace.cluster.metadata.ControllerRequest.AllocateProducerIds;
import io.tailrace.cluster.metadata.ControllerRequest.FenceBroker;
import io.tailrace.cluster.metadata.ControllerRequest.RegisterBroker;
import io.tailrace.cluster.metadata.ControllerRequest.UnregisterBroker;
import io.tailrace.cluster.metadata.MetadataRecord.BrokerFencingChanged;
import io.tailrace.cluster.metadata.MetadataRecord.BrokerUnregistered;
import io.tailrace.cluster.metadata.MetadataRecord.PartitionChanged;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.kafka.common.protocol.Errors;

/**
 * Decides what nodes ask for themselves: to be registered, fenced, given producer ids.
 *
 * <p>A broker epoch is the version of the image that the registration makes; it grows with each start of a node. A node that runs may not be
 * registered a second time by another process. The controller's own node is the exception: the process that asks is the one that answers, and
 * holds the lock on the data, so whoever was registered before is dead.
 */
final class BrokerChanges {

    /** As many as Kafka hands out at once. */
    static final int PRODUCER_ID_BLOCK = 1000;

    private final ControllerConfig config;

    BrokerChanges(ControllerConfig config) {
        this.config = config;
    }

    ControllerReply register(RegisterBroker request, Draft draft) {
        ClusterImage image = draft.image();
        if (!request.clusterId().equals(image.clusterId())) {
            return refused(
                    Errors.INCONSISTENT_CLUSTER_ID,
                    "Node " + request.nodeId() + " belongs to cluster " + request.clusterId() + "; this is cluster "
                            + image.clusterId() + ".");
        }
        boolean isOurs = request.nodeId() == config.nodeId();
        BrokerImage before = image.brokers().get(request.nodeId());
        if (before != null) {
            if (before.incarnationId().equals(request.incarnationId())) {
                return new BrokerRegistered(Outcome.ok(), before.epoch());
            }
            if (!before.fenced() && !isOurs) {
                return refused(
                        Errors.DUPLICATE_BROKER_REGISTRATION,
                        "Another process is registered as node " + request.nodeId() + " and is not fenced.");
            }
        }
        long epoch = image.version() + 1;
        Outcome outcome = draft.emit(new MetadataRecord.BrokerRegistered(
                request.nodeId(), epoch, request.incarnationId(), request.endpoints(), request.rack(), !isOurs));
        if (isOurs && outcome.isOk()) {
            changePartitions(draft, partition -> Leadership.with(partition, request.nodeId()));
        }
        return new BrokerRegistered(outcome, outcome.isOk() ? epoch : -1);
    }

    ControllerReply unregister(UnregisterBroker request, Draft draft) {
        BrokerImage broker = draft.image().brokers().get(request.nodeId());
        if (broker == null) {
            return new Done(Outcome.refused(
                    Errors.BROKER_ID_NOT_REGISTERED, "No node " + request.nodeId() + " is registered."));
        }
        leave(request.nodeId(), draft);
        return new Done(draft.emit(new BrokerUnregistered(request.nodeId(), broker.epoch())));
    }

    ControllerReply fence(FenceBroker request, Draft draft) {
        Optional<Outcome> stale = staleness(request.nodeId(), request.brokerEpoch(), draft.image());
        if (stale.isPresent()) {
            return new Done(stale.get());
        }
        BrokerImage broker = draft.image().brokers().get(request.nodeId());
        if (broker == null || broker.fenced() == request.fenced()) {
            return new Done(Outcome.ok());
        }
        if (request.fenced()) {
            leave(request.nodeId(), draft);
        }
        Outcome outcome =
                draft.emit(new BrokerFencingChanged(request.nodeId(), request.brokerEpoch(), request.fenced()));
        if (!request.fenced()) {
            changePartitions(draft, partition -> Leadership.with(partition, request.nodeId()));
        }
        return new Done(outcome);
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

    private static Optional<Outcome> staleness(int nodeId, long brokerEpoch, ClusterImage image) {
        BrokerImage broker = image.brokers().get(nodeId);
        return broker != null && broker.epoch() == brokerEpoch
                ? Optional.empty()
                : Optional.of(Outcome.refused(
                        Errors.STALE_BROKER_EPOCH,
                        "Node " + nodeId + " is not registered with broker epoch " + brokerEpoch + "."));
    }

    private static void leave(int node, Draft draft) {
        ClusterImage image = draft.image();
        changePartitions(
                draft,
                partition -> Leadership.without(partition, node, other -> other != node && isPresent(other, image)));
    }

    static boolean isPresent(int node, ClusterImage image) {
        BrokerImage broker = image.brokers().get(node);
        return broker != null && !broker.fenced();
    }

    private static void changePartitions(Draft draft, Function<PartitionImage, Optional<PartitionImage>> change) {
        List<PartitionChanged> changes = new ArrayList<>();
        for (TopicImage topic : new TreeMap<>(draft.image().topics()).values()) {
            for (PartitionImage partition : topic.partitions()) {
                change.apply(partition).ifPresent(changed -> changes.add(new PartitionChanged(topic.id(), changed)));
            }
        }
        draft.emitEach(changes);
    }

    private static BrokerRegistered refused(Errors error, String message) {
        return new BrokerRegistered(Outcome.refused(error, message), -1);
    }
}
