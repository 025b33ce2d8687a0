// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication;

import java.util.List;
import java.util.Map;

/**
 * Who replicates a partition, as one cluster image has it. Eligibility and in-sync replicas come from one image, never from two (KAFKA-15221).
 *
 * @param leaderEpoch of the leader that this describes
 * @param partitionEpoch grows with each change of the partition; what AlterPartition compares and sets
 * @param replicas node ids, with the leader's
 * @param inSyncReplicas a subset of {@code replicas}, as committed to the metadata log
 * @param minInSyncReplicas {@code min.insync.replicas} of the topic, at most the number of its replicas
 * @param brokerEpochs of those replicas that are registered, not fenced and not shutting down; nobody else may join the in-sync replicas
 *     (KIP-903)
 */
public record ReplicaSet(
        int leaderEpoch,
        int partitionEpoch,
        List<Integer> replicas,
        List<Integer> inSyncReplicas,
        int minInSyncReplicas,
        Map<Integer, Long> brokerEpochs) {

    public ReplicaSet {
        replicas = List.copyOf(replicas);
        inSyncReplicas = List.copyOf(inSyncReplicas);
        brokerEpochs = Map.copyOf(brokerEpochs);
    }

    /** Whether this start of a node, and no other one, may be in sync. */
    boolean isEligible(int nodeId, long brokerEpoch) {
        return replicas.contains(nodeId) && brokerEpochs.getOrDefault(nodeId, -1L) == brokerEpoch;
    }
}
