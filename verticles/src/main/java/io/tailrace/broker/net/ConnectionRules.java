// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import java.util.Map;

/**
 * How many connections, and for how long.
 *
 * @param maxConnections of the node, over all listeners that share one {@link ConnectionCounts} ({@code max.connections})
 * @param maxPerIp from one address ({@code max.connections.per.ip})
 * @param maxPerIpOverrides by literal address ({@code max.connections.per.ip.overrides})
 * @param idleMs a connection without traffic and without work in hand is closed after this long ({@code connections.max.idle.ms})
 * @param partialFrameMs grace for a frame to become complete; see {@link #partialFrameMs(int)}
 * @param authenticationMs a connection that has not authenticated after this long is closed
 */
public record ConnectionRules(
        int maxConnections,
        int maxPerIp,
        Map<String, Integer> maxPerIpOverrides,
        long idleMs,
        long partialFrameMs,
        long authenticationMs) {

    /** What an idle connection takes of the heap; measured at 7.6 KB with 3,000 of them. */
    public static final long HEAP_BYTES = 8 * 1024;

    /** The slowest sender we wait for; slower ones hold memory for others to pay. */
    private static final long BYTES_PER_SECOND = 16 * 1024;

    public ConnectionRules {
        maxPerIpOverrides = Map.copyOf(maxPerIpOverrides);
    }

    /** Kafka's idle time; 10,000 connections for a node, no bound for a single address; 30 s for a frame, 10 s to authenticate. */
    public static ConnectionRules defaults() {
        return new ConnectionRules(10_000, Integer.MAX_VALUE, Map.of(), 600_000, 30_000, 10_000);
    }

    /** What one address may have. */
    int maxFor(String ip) {
        return maxPerIpOverrides.getOrDefault(ip, maxPerIp);
    }

    /** How old a frame of which {@code receivedBytes} have arrived may be: the grace, and time for each byte that did come. */
    long partialFrameMs(int receivedBytes) {
        return partialFrameMs + receivedBytes * 1000L / BYTES_PER_SECOND;
    }
}
