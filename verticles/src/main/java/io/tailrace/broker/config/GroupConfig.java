// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import java.util.List;

/**
 * Consumer groups and their committed offsets.
 *
 * @param maxSize members that a group may have
 * @param disconnectGraceMs how long a dynamic member may be gone after its connection closed; 0 leaves it its session timeout
 * @param offsetsPartitions of {@code __consumer_offsets}; fixed when that topic is created
 * @param offsetsRetentionMs after so long without members, a group's offsets are dropped
 */
public record GroupConfig(
        long initialRebalanceDelayMs,
        int minSessionTimeoutMs,
        int maxSessionTimeoutMs,
        int maxSize,
        int disconnectGraceMs,
        int offsetsPartitions,
        short offsetsReplicationFactor,
        int offsetsSegmentBytes,
        long offsetsRetentionMs,
        long offsetsRetentionCheckMs,
        int offsetMetadataMaxBytes,
        ConsumerGroupConfig consumer) {

    static final Key<Integer> INITIAL_DELAY = Key.integer(
            "group.initial.rebalance.delay.ms",
            0,
            0,
            "milliseconds",
            "How long the first rebalance of an empty group waits for further members. Kafka ships 0 for development, 3000 otherwise.");
    static final Key<Integer> MIN_SESSION = Key.integer(
            "group.min.session.timeout.ms",
            6_000,
            1,
            "milliseconds",
            "Shortest session timeout that a member of a classic group may ask for.");
    static final Key<Integer> MAX_SESSION = Key.integer(
            "group.max.session.timeout.ms",
            1_800_000,
            1,
            "milliseconds",
            "Longest session timeout that a member of a classic group may ask for.");
    static final Key<Integer> MAX_SIZE =
            Key.integer("group.max.size", Integer.MAX_VALUE, 1, "members", "Members that a classic group may have.");
    static final Key<Integer> DISCONNECT_GRACE = Key.integer(
            "group.member.disconnect.grace.ms",
            0,
            0,
            "milliseconds",
            "A member whose connection closed is removed unless it is heard again within this time, however long its session timeout is. 0 turns that off. Longer than the heartbeat interval of the members, as a client that connects again is heard with its next heartbeat. Static members always have their session timeout.");
    static final Key<Integer> OFFSETS_PARTITIONS = Key.integer(
            "offsets.topic.num.partitions",
            50,
            1,
            "partitions",
            "Partitions of __consumer_offsets. Cannot be changed once that topic exists.");
    static final Key<Integer> OFFSETS_REPLICATION = Key.integer(
            "offsets.topic.replication.factor",
            3,
            1,
            Short.MAX_VALUE,
            "replicas",
            "Replicas of __consumer_offsets; fewer where the cluster has fewer nodes when the topic is created.");
    static final Key<Integer> OFFSETS_SEGMENT =
            Key.integer("offsets.topic.segment.bytes", 104_857_600, 14, "bytes", "Segment size of __consumer_offsets.");
    static final Key<Integer> OFFSETS_RETENTION = Key.integer(
            "offsets.retention.minutes",
            10_080,
            1,
            "minutes",
            "Offsets of a group without members are dropped after so long.");
    static final Key<Long> OFFSETS_CHECK = Key.number(
            "offsets.retention.check.interval.ms",
            600_000,
            1,
            "milliseconds",
            "How often expired offsets are looked for.");
    static final Key<Integer> OFFSET_METADATA = Key.integer(
            "offset.metadata.max.bytes", 4_096, 0, "bytes", "Longest text that may be committed with an offset.");

    static final List<Key<?>> KEYS = List.of(
            INITIAL_DELAY,
            MIN_SESSION,
            MAX_SESSION,
            MAX_SIZE,
            DISCONNECT_GRACE,
            OFFSETS_PARTITIONS,
            OFFSETS_REPLICATION,
            OFFSETS_SEGMENT,
            OFFSETS_RETENTION,
            OFFSETS_CHECK,
            OFFSET_METADATA);

    static GroupConfig from(Settings settings) {
        int min = settings.get(MIN_SESSION);
        int max = settings.get(MAX_SESSION);
        if (min > max) {
            settings.problem("group.min.session.timeout.ms = " + min
                    + ": must not be above group.max.session.timeout.ms = " + max);
        }
        return new GroupConfig(
                settings.get(INITIAL_DELAY),
                min,
                max,
                settings.get(MAX_SIZE),
                settings.get(DISCONNECT_GRACE),
                settings.get(OFFSETS_PARTITIONS),
                settings.get(OFFSETS_REPLICATION).shortValue(),
                settings.get(OFFSETS_SEGMENT),
                settings.get(OFFSETS_RETENTION) * 60_000L,
                settings.get(OFFSETS_CHECK),
                settings.get(OFFSET_METADATA),
                ConsumerGroupConfig.from(settings));
    }
}
