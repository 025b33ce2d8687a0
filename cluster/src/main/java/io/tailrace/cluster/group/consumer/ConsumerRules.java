// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an operator decides about groups of the consumer protocol; Kafka's property names in brackets.
 *
 * @param session after how long a silent member is removed [group.consumer.session.timeout.ms, .min.…, .max.…]
 * @param heartbeat how often members are told to report [group.consumer.heartbeat.interval.ms, .min.…, .max.…]
 * @param movingHeartbeatMs how soon at the least members of a group that moves are told to report; see {@link Pace}
 *     [group.consumer.rebalance.heartbeat.interval.ms, which Kafka does not have]
 * @param maxSize members a group may have [group.consumer.max.size]
 * @param regexRefreshMs how often topic patterns are resolved anew though no topic changed [group.consumer.regex.refresh.interval.ms]
 * @param migration which live groups may change their protocol [group.consumer.migration.policy]
 */
public record ConsumerRules(
        Bounded session,
        Bounded heartbeat,
        int movingHeartbeatMs,
        int maxSize,
        long regexRefreshMs,
        MigrationPolicy migration) {

    private static final String SESSION_CONFIG = "consumer.session.timeout.ms";
    private static final String HEARTBEAT_CONFIG = "consumer.heartbeat.interval.ms";

    /** Kafka's defaults, where it has one. */
    public static final ConsumerRules DEFAULT = new ConsumerRules(
            new Bounded(45_000, 45_000, 60_000),
            new Bounded(5_000, 5_000, 15_000),
            100,
            Integer.MAX_VALUE,
            600_000,
            MigrationPolicy.BIDIRECTIONAL);

    /**
     * A time with the bounds that hold for one group's own value of it.
     *
     * @param valueMs for groups that have none of their own
     */
    public record Bounded(int valueMs, int minMs, int maxMs) {

        /** The group's own value, brought into the bounds of today: they may have moved since it was set. */
        int of(@Nullable String own) {
            return own == null ? valueMs : Math.clamp(Integer.parseInt(own), minMs, maxMs);
        }
    }

    /** @param groupConfigs what was set on the group, by Kafka's names */
    int sessionTimeoutMs(Map<String, String> groupConfigs) {
        return session.of(groupConfigs.get(SESSION_CONFIG));
    }

    /** @param groupConfigs what was set on the group, by Kafka's names */
    int heartbeatIntervalMs(Map<String, String> groupConfigs) {
        return heartbeat.of(groupConfigs.get(HEARTBEAT_CONFIG));
    }

    public ConsumerRules withMaxSize(int size) {
        return new ConsumerRules(session, heartbeat, movingHeartbeatMs, size, regexRefreshMs, migration);
    }

    public ConsumerRules withMigration(MigrationPolicy policy) {
        return new ConsumerRules(session, heartbeat, movingHeartbeatMs, maxSize, regexRefreshMs, policy);
    }
}
