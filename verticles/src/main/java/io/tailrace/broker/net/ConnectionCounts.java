// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import java.util.HashMap;
import java.util.Map;

/** Open connections, in all and by address. Any thread. */
public final class ConnectionCounts {

    private final Map<String, Integer> byIp = new HashMap<>();
    private int total;

    /** Counts a connection from {@code ip} if the rules have room for it; {@link #close} must follow exactly if this was true. */
    synchronized boolean tryOpen(String ip, ConnectionRules rules) {
        int fromIp = byIp.getOrDefault(ip, 0);
        if (total >= rules.maxConnections() || fromIp >= rules.maxFor(ip)) {
            return false;
        }
        byIp.put(ip, fromIp + 1);
        total++;
        return true;
    }

    /** Forgets a connection that was counted. */
    synchronized void close(String ip) {
        byIp.computeIfPresent(ip, (key, count) -> count == 1 ? null : count - 1);
        total--;
    }

    /** How many are open. */
    public synchronized int total() {
        return total;
    }
}
