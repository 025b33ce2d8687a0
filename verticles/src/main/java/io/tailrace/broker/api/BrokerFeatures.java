// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Feature levels as ApiVersions v3+ tells them (KIP-584). Clients act on finalised levels, not on API versions: {@code transaction.version} of
 * 2 or more switches them to the second transaction protocol (KIP-890).
 *
 * @param supported what this node could do, by feature name
 * @param finalized the level the cluster has agreed on, by feature name
 * @param finalizedEpoch version of {@code finalized}, rising with every change; -1 when nothing is known yet
 */
public record BrokerFeatures(
        SortedMap<String, Range> supported, SortedMap<String, Short> finalized, long finalizedEpoch) {

    /** Levels from {@code lowest} to {@code highest}, both inclusive. */
    public record Range(short lowest, short highest) {}

    /** No features at all: before the first cluster image. */
    public static BrokerFeatures none() {
        return new BrokerFeatures(new TreeMap<>(), new TreeMap<>(), -1);
    }
}
