// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import java.util.List;

/**
 * Groups of the KIP-848 protocol, whose timeouts the broker sets for their members.
 *
 * @param migrationPolicy how far a group may change between the classic and the new protocol: disabled, upgrade, downgrade, bidirectional
 */
public record ConsumerGroupConfig(
        int sessionTimeoutMs,
        int minSessionTimeoutMs,
        int maxSessionTimeoutMs,
        int heartbeatIntervalMs,
        int minHeartbeatIntervalMs,
        int maxHeartbeatIntervalMs,
        int rebalanceHeartbeatIntervalMs,
        int maxSize,
        int regexRefreshMs,
        String migrationPolicy) {

    static final Key<Integer> SESSION = Key.integer(
            "group.consumer.session.timeout.ms",
            45_000,
            1,
            "milliseconds",
            "A member that is silent for so long is removed.");
    static final Key<Integer> MIN_SESSION = Key.integer(
            "group.consumer.min.session.timeout.ms",
            45_000,
            1,
            "milliseconds",
            "Shortest session timeout that a group may be given.");
    static final Key<Integer> MAX_SESSION = Key.integer(
            "group.consumer.max.session.timeout.ms",
            60_000,
            1,
            "milliseconds",
            "Longest session timeout that a group may be given.");
    static final Key<Integer> HEARTBEAT = Key.integer(
            "group.consumer.heartbeat.interval.ms", 5_000, 1, "milliseconds", "How often members are told to report.");
    static final Key<Integer> MIN_HEARTBEAT = Key.integer(
            "group.consumer.min.heartbeat.interval.ms",
            5_000,
            1,
            "milliseconds",
            "Shortest heartbeat interval that a group may be given.");
    static final Key<Integer> MAX_HEARTBEAT = Key.integer(
            "group.consumer.max.heartbeat.interval.ms",
            15_000,
            1,
            "milliseconds",
            "Longest heartbeat interval that a group may be given.");
    static final Key<Integer> REBALANCE_HEARTBEAT = Key.integer(
            "group.consumer.rebalance.heartbeat.interval.ms",
            100,
            10,
            "milliseconds",
            "How soon at the least the members of a group that has just changed are told to report, so that it settles soon. The more"
                    + " time has passed since the change, the later, up to group.consumer.heartbeat.interval.ms. Kafka has no such"
                    + " setting; with the value of the other one both do the same.");
    static final Key<Integer> MAX_SIZE = Key.integer(
            "group.consumer.max.size",
            Integer.MAX_VALUE,
            1,
            "members",
            "Members that a group of the new protocol may have.");
    static final Key<Integer> REGEX_REFRESH = Key.integer(
            "group.consumer.regex.refresh.interval.ms",
            600_000,
            10_000,
            "milliseconds",
            "How often topic patterns are matched anew though no topic came or went.");
    static final Key<String> MIGRATION = Key.choice(
            "group.consumer.migration.policy",
            "bidirectional",
            List.of("disabled", "upgrade", "downgrade", "bidirectional"),
            "Which way a live group may change between the classic and the new protocol. A group without members always may.");

    static final List<Key<?>> KEYS = List.of(
            SESSION,
            MIN_SESSION,
            MAX_SESSION,
            HEARTBEAT,
            MIN_HEARTBEAT,
            MAX_HEARTBEAT,
            REBALANCE_HEARTBEAT,
            MAX_SIZE,
            REGEX_REFRESH,
            MIGRATION);

    static ConsumerGroupConfig from(Settings settings) {
        return new ConsumerGroupConfig(
                settings.get(SESSION),
                settings.get(MIN_SESSION),
                settings.get(MAX_SESSION),
                settings.get(HEARTBEAT),
                settings.get(MIN_HEARTBEAT),
                settings.get(MAX_HEARTBEAT),
                settings.get(REBALANCE_HEARTBEAT),
                settings.get(MAX_SIZE),
                settings.get(REGEX_REFRESH),
                settings.get(MIGRATION));
    }
}
