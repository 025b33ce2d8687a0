// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group;

/**
 * What an operator decides about groups; Kafka's property names in brackets.
 *
 * @param minSessionTimeoutMs [group.min.session.timeout.ms]
 * @param maxSessionTimeoutMs [group.max.session.timeout.ms]
 * @param maxSize members a classic group may have [group.max.size]
 * @param initialRebalanceDelayMs [group.initial.rebalance.delay.ms]
 * @param offsetMetadataMaxBytes of the text committed with an offset, in UTF-16 units as Kafka counts [offset.metadata.max.bytes]
 * @param offsetsRetentionMs [offsets.retention.minutes]
 * @param expiryCheckMs how often expired offsets are looked for [offsets.retention.check.interval.ms]
 */
public record GroupRules(
        int minSessionTimeoutMs,
        int maxSessionTimeoutMs,
        int maxSize,
        long initialRebalanceDelayMs,
        int offsetMetadataMaxBytes,
        long offsetsRetentionMs,
        long expiryCheckMs) {

    /** Kafka's defaults. */
    public static final GroupRules DEFAULT =
            new GroupRules(6_000, 1_800_000, Integer.MAX_VALUE, 3_000, 4_096, 7L * 24 * 60 * 60 * 1000, 600_000);

    public GroupRules withMaxSize(int size) {
        return new GroupRules(
                minSessionTimeoutMs,
                maxSessionTimeoutMs,
                size,
                initialRebalanceDelayMs,
                offsetMetadataMaxBytes,
                offsetsRetentionMs,
                expiryCheckMs);
    }

    public GroupRules withInitialRebalanceDelayMs(long delayMs) {
        return new GroupRules(
                minSessionTimeoutMs,
                maxSessionTimeoutMs,
                maxSize,
                delayMs,
                offsetMetadataMaxBytes,
                offsetsRetentionMs,
                expiryCheckMs);
    }
}
