// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.cluster.metadata.BrokerImage;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.PartitionImage;
import java.util.Collection;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Who leads the partitions that a request sought here in vain, so that the client can go there without asking for metadata first (KIP-951).
 * Collects the nodes named in one response.
 */
final class CurrentLeaders {

    /** What a response says of one node. */
    record Endpoint(int nodeId, String host, int port, Optional<String> rack) {}

    private final ClusterImage image;
    private final String listener;
    private final TreeSet<Integer> named = new TreeSet<>();

    CurrentLeaders(ClusterImage image, RequestContext context) {
        this.image = image;
        this.listener = context.listener();
    }

    /** The partition as the image has it, if it has a leader that can be told. */
    Optional<PartitionImage> of(String topic, int partition) {
        Optional<PartitionImage> found = image.partition(topic, partition)
                .filter(at -> at.leader() != PartitionImage.NO_LEADER
                        && endpoint(at.leader()).isPresent());
        found.ifPresent(at -> named.add(at.leader()));
        return found;
    }

    void forEachEndpoint(Consumer<Endpoint> action) {
        named.forEach(nodeId -> endpoint(nodeId).ifPresent(action));
    }

    boolean isEmpty() {
        return named.isEmpty();
    }

    private Optional<Endpoint> endpoint(int nodeId) {
        return Optional.ofNullable(image.brokers().get(nodeId)).stream()
                .flatMap(broker -> endpoints(broker).stream()
                        .filter(endpoint -> endpoint.listener().equals(listener)
                                && !endpoint.host().isEmpty())
                        .map(endpoint -> new Endpoint(nodeId, endpoint.host(), endpoint.port(), broker.rack())))
                .findFirst();
    }

    private static Collection<BrokerImage.Endpoint> endpoints(BrokerImage broker) {
        return broker.endpoints();
    }
}
