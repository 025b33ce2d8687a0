// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.cluster.metadata.BrokerImage;
import io.tailrace.cluster.metadata.BrokerImage.Endpoint;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.PartitionImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.protocol.Errors;

/**
 * The cluster as the sender of one request can reach it: by the listener that it came in by.
 *
 * <p>A node that advertises no address is told under the address that this client dialled, so that a broker on a laptop, in a container or
 * behind a port forward works with nothing configured. The gateway, which came by no listener, is told any address: it asks for the node alone.
 */
record Reachable(ClusterImage image, RequestContext context) {

    /**
     * A node and how to reach it.
     *
     * @param rack empty if none
     */
    record Node(int id, String host, int port, Optional<String> rack, boolean fenced) {}

    /** All nodes that clients are told of, by id. */
    List<Node> nodes(boolean withFenced) {
        List<Node> nodes = new ArrayList<>();
        for (BrokerImage broker : image.brokers().values()) {
            if (withFenced || !broker.fenced()) {
                node(broker).ifPresent(nodes::add);
            }
        }
        nodes.sort(Comparator.comparingInt(Node::id));
        return nodes;
    }

    Optional<Node> node(int id) {
        BrokerImage broker = image.brokers().get(id);
        return broker == null || broker.fenced() ? Optional.empty() : node(broker);
    }

    /** The controller's id, if clients can reach it; else -1, at which they ask again. */
    int controllerId() {
        return node(image.controllerId()).isPresent() ? image.controllerId() : -1;
    }

    /** NONE if the partition's leader can be reached. */
    Errors leaderError(PartitionImage partition) {
        int leader = partition.leader();
        if (leader == PartitionImage.NO_LEADER || !present(leader)) {
            return Errors.LEADER_NOT_AVAILABLE;
        }
        return node(leader).isPresent() ? Errors.NONE : Errors.LISTENER_NOT_FOUND;
    }

    /** Replicas on nodes that are not there. */
    List<Integer> offline(PartitionImage partition) {
        return partition.replicas().stream().filter(id -> !present(id)).toList();
    }

    private boolean present(int id) {
        BrokerImage broker = image.brokers().get(id);
        return broker != null && !broker.fenced();
    }

    private Optional<Node> node(BrokerImage broker) {
        for (Endpoint endpoint : broker.endpoints()) {
            if (endpoint.listener().equalsIgnoreCase(context.listener()) || ApiCallVerticle.isGateway(context)) {
                boolean advertised = !endpoint.host().isEmpty();
                String host = advertised ? endpoint.host() : context.dialled().getHostString();
                int port = endpoint.port() > 0
                        ? endpoint.port()
                        : context.dialled().getPort();
                return Optional.of(new Node(broker.id(), host, port, broker.rack(), broker.fenced()));
            }
        }
        return Optional.empty();
    }
}
