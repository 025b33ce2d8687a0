// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication;

/**
 * What a follower asks its leader about one partition. The leader answers a fetch at an older epoch than its own with FENCED_LEADER_EPOCH, at a
 * newer one with UNKNOWN_LEADER_EPOCH.
 *
 * @param leaderEpoch that the follower believes in
 * @param fetchOffset where the follower's disk ends; whatever is below is durable there
 * @param lastFetchedEpoch the epoch of the last record that the follower has, or -1 (KIP-595)
 * @param logStartOffset where the follower's log starts: what it has deleted (KIP-107)
 */
public record FetchPosition(int leaderEpoch, long fetchOffset, int lastFetchedEpoch, long logStartOffset) {}
