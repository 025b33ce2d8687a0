// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import java.net.InetSocketAddress;
import java.util.function.Predicate;

/**
 * What a listener needs from the rest of the node.
 *
 * @param memory bounds of what requests and answers take; one for all listeners of a node
 * @param counts open connections; one for all listeners of a node
 * @param admission asked for each new connection after the counts: connection rates, deny lists
 */
public record ListenerPorts(
        NodeMemory memory,
        ConnectionCounts counts,
        Predicate<InetSocketAddress> admission,
        ConnectionAuthenticator.Factory authenticators,
        RequestThrottle throttle,
        ListenerMetrics metrics) {

    /** No authentication, no quotas, no metrics. */
    public static ListenerPorts plain(RequestBudget frames) {
        return plain(frames, ListenerMetrics.none());
    }

    /** No authentication, no quotas. */
    public static ListenerPorts plain(RequestBudget frames, ListenerMetrics metrics) {
        return new ListenerPorts(
                NodeMemory.ofThisProcess(frames),
                new ConnectionCounts(),
                remote -> true,
                (remote, session) -> Anonymous.EVERYBODY,
                RequestThrottle.none(),
                metrics);
    }
}
