// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import io.tailrace.broker.config.BrokerConfig;
import io.tailrace.broker.config.ListenerAddress;
import io.tailrace.broker.config.NetworkConfig;
import io.tailrace.broker.net.ConnectionRules;
import io.tailrace.broker.net.ListenerConfig;
import io.tailrace.broker.net.RequestRules;
import io.tailrace.protocol.FrameLimits;
import java.util.Map;

/** What an operator set for the network, as the listener takes it. */
final class ListenerSettings {

    private ListenerSettings() {}

    static ListenerConfig of(ListenerAddress address, BrokerConfig config) {
        NetworkConfig network = config.network();
        ConnectionRules usual = ConnectionRules.defaults();
        ConnectionRules connections = new ConnectionRules(
                maxConnections(network),
                network.maxConnectionsPerIp(),
                Map.of(),
                network.idleMs(),
                usual.partialFrameMs(),
                usual.authenticationMs());
        RequestRules requests = new RequestRules(
                FrameLimits.beforeAuthentication(),
                new FrameLimits(
                        network.requestMaxBytes(),
                        FrameLimits.afterAuthentication().readCount()),
                network.connectionMaxRequests(),
                RequestRules.defaults().queuedResponseBytes());
        return new ListenerConfig(
                address.name(),
                address.host().isEmpty() ? "0.0.0.0" : address.host(),
                address.port(),
                Runtime.getRuntime().availableProcessors(),
                network.backlog(),
                network.drainMs(),
                connections,
                requests);
    }

    /** What was set, or as many connections as a quarter of the heap holds. */
    private static int maxConnections(NetworkConfig network) {
        long fitting = Runtime.getRuntime().maxMemory() / 4 / ConnectionRules.HEAP_BYTES;
        return network.maxConnections() == Integer.MAX_VALUE
                ? (int) Math.min(Integer.MAX_VALUE, fitting)
                : network.maxConnections();
    }
}
