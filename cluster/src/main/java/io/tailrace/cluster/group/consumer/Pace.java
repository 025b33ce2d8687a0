// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import java.util.Map;

/**
 * How soon a member of the consumer protocol is asked to report again.
 *
 * <p>A group moves by its members' heartbeats alone: whoever has to give something up, or may have what another gave up, hears of it in the
 * answer to its next one. With one interval for all times a move takes two of them. The interval is the broker's to tell in each answer
 * (KIP-848), so while a group moves it is half of the time since the target assignment was made: nobody waits for more than half as long
 * again as the move has taken so far, each change costs a member about a dozen more heartbeats, and a move that takes long, since a member
 * takes long to give back, is soon waited for at the normal interval.
 *
 * <p>Members that came at the same moment would report at the same moment ever after; what is told in a move is therefore up to a quarter
 * less, by the member's id. Those who are expected soonest are then asked first by {@link UniformAssignor}.
 */
final class Pace {

    /** So that no group, however large, makes more than 500 heartbeats a second. */
    private static final int LEAST_MS_PER_MEMBER = 2;

    private static final int SPREAD_STEPS = 64;

    private Pace() {}

    /** @param groupConfigs what was set on the group, by Kafka's names */
    static int intervalMs(
            ConsumerRules rules, Map<String, String> groupConfigs, ConsumerGroup group, String memberId, long nowMs) {
        int normalMs = rules.heartbeatIntervalMs(groupConfigs);
        long halfMs = (nowMs - group.targetMs()) / 2;
        long leastMs = Math.max(rules.movingHeartbeatMs(), (long) LEAST_MS_PER_MEMBER * group.size());
        long soonMs = Math.max(halfMs, leastMs);
        if (soonMs >= normalMs) {
            return normalMs;
        }
        int step = Math.floorMod(memberId.hashCode(), SPREAD_STEPS);
        return Math.toIntExact(soonMs - soonMs * step / (4 * SPREAD_STEPS));
    }
}
