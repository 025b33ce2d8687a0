// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import io.tailrace.cluster.metadata.ControllerConfig.Liveness;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * When the controller last heard of each node. Not in the log: a new controller begins by giving everybody a whole
 * session, but for those that were suspected lately.
 *
 * <p>A node is silent when it has not been heard of for a session. If membership lost sight of it, the time left is cut short; any heartbeat
 * makes up for that. Sooner still if its machine says that nobody listens there. After a pause of the controller itself (a collector, a suspended machine) nobody is judged by it: heartbeats may wait unread.
 */
final class Sessions {

    private record Session(long heardMs, long deadlineMs, long imageVersion, OptionalLong leavingVersion) {

        Session until(long earlierMs) {
            return new Session(heardMs, Math.min(deadlineMs, earlierMs), imageVersion, leavingVersion);
        }
    }

    private final Liveness liveness;
    private final Map<Integer, Session> sessions = new HashMap<>();

    /** When a node was last suspected: also before this node leads, for it may be the old leader's death that brought both about. */
    private final Map<Integer, Long> suspectedMs = new HashMap<>();

    private long checkedMs;

    Sessions(Liveness liveness) {
        this.liveness = liveness;
    }

    /** This node has begun to lead. */
    void begin(Iterable<BrokerImage> brokers, long nowMs) {
        sessions.clear();
        checkedMs = nowMs;
        Map<Integer, Long> suspected = Map.copyOf(suspectedMs);
        brokers.forEach(broker -> heard(broker.id(), -1, nowMs));
        suspected.forEach((node, whenMs) -> {
            if (nowMs - whenMs < liveness.sessionTimeoutMs()) {
                suspect(node, nowMs);
            }
        });
    }

    /** @param imageVersion that the node has applied; -1 if it did not say */
    void heard(int node, long imageVersion, long nowMs) {
        Session before = sessions.get(node);
        suspectedMs.remove(node);
        sessions.put(
                node,
                new Session(
                        nowMs,
                        nowMs + liveness.sessionTimeoutMs(),
                        imageVersion,
                        before == null ? OptionalLong.empty() : before.leavingVersion()));
    }

    /** The node was registered: what was known of an earlier start is void. */
    void registered(int node, long nowMs) {
        sessions.remove(node);
        heard(node, -1, nowMs);
    }

    void forget(int node) {
        sessions.remove(node);
    }

    void suspect(int node, long nowMs) {
        suspectedMs.put(node, nowMs);
        // A little later than now: heartbeats may wait behind the suspicion.
        sessions.computeIfPresent(
                node,
                (id, it) ->
                        it.until(Math.max(it.heardMs() + liveness.suspicionMs(), nowMs + liveness.suspicionMs() / 4)));
    }

    /**
     * A connection to the node was refused. If it also misses one heartbeat and a little, its time is over: where only the connection is
     * forbidden, by a wall, heartbeats go on.
     */
    void refused(int node, long nowMs) {
        suspectedMs.put(node, nowMs);
        sessions.computeIfPresent(node, (id, it) -> it.until(it.heardMs() + liveness.suspicionMs() * 5 / 8));
    }

    /** The version from which on the node leads nothing that another could lead; {@code candidate} when first asked. */
    long leavingVersion(int node, long candidate) {
        Session it = sessions.get(node);
        if (it == null || it.leavingVersion().isPresent()) {
            return it == null ? candidate : it.leavingVersion().getAsLong();
        }
        sessions.put(node, new Session(it.heardMs(), it.deadlineMs(), it.imageVersion(), OptionalLong.of(candidate)));
        return candidate;
    }

    /** Whether the node is known to have applied the image. */
    boolean hasApplied(int node, long version) {
        Session it = sessions.get(node);
        return it != null && it.imageVersion() >= version;
    }

    /** Nodes that have been silent for too long, lowest first. Heard of again or fenced, they are not told again. */
    List<Integer> silent(long nowMs) {
        long pausedMs = nowMs - checkedMs;
        checkedMs = nowMs;
        if (pausedMs > liveness.sessionTimeoutMs() / 2) {
            sessions.replaceAll((id, it) ->
                    new Session(nowMs, nowMs + liveness.sessionTimeoutMs(), it.imageVersion(), it.leavingVersion()));
        }
        return sessions.entrySet().stream()
                .filter(it -> it.getValue().deadlineMs() <= nowMs)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }
}
