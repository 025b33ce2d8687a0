// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.Uuid;

/**
 * One node as the metadata log has it.
 *
 * @param epoch broker epoch: the index of the metadata record that registered this start of the node
 * @param incarnationId drawn by the process that registered, so that its own retry is no second start
 * @param fenced true while the node may not lead nor be told to clients
 * @param leaving true from when the node asked to be shut down: clients reach it still, but it gets nothing new to lead
 */
public record BrokerImage(
        int id,
        long epoch,
        Uuid incarnationId,
        List<Endpoint> endpoints,
        Optional<String> rack,
        boolean fenced,
        boolean leaving) {

    public BrokerImage {
        endpoints = List.copyOf(endpoints);
    }

    /** Whether the node may lead partitions and join an ISR. */
    public boolean active() {
        return !fenced && !leaving;
    }

    BrokerImage withFenced(boolean changed) {
        return new BrokerImage(id, epoch, incarnationId, endpoints, rack, changed, leaving);
    }

    BrokerImage withLeaving() {
        return new BrokerImage(id, epoch, incarnationId, endpoints, rack, fenced, true);
    }

    /**
     * Where clients reach a node.
     *
     * @param host empty if no address was advertised: each client is then told the address that it dialled
     */
    public record Endpoint(String listener, String securityProtocol, String host, int port) {}
}
