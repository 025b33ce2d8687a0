// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.protocol.Errors;

/** Checks replicas that a person chose. */
final class ManualAssignment {

    private ManualAssignment() {}

    /**
     * What is wrong with the replicas of one partition, if anything; always INVALID_REPLICA_ASSIGNMENT.
     *
     * @param replicationFactor how many there must be; empty if any number will do
     */
    static Optional<Outcome> defect(
            List<Integer> replicas, Optional<Integer> replicationFactor, Map<Integer, BrokerImage> brokers) {
        if (replicas.isEmpty()) {
            return invalid("A partition needs at least one replica, but its list of replicas is empty.");
        }
        Set<Integer> seen = new HashSet<>();
        for (int node : replicas) {
            if (!brokers.containsKey(node)) {
                return invalid("Replicas were asked for on node " + node + ", which is not registered.");
            }
            if (!seen.add(node)) {
                return invalid("Node " + node + " is named twice for one partition.");
            }
        }
        if (replicationFactor.isPresent() && replicationFactor.get() != replicas.size()) {
            return invalid("A partition was given " + replicas.size() + " replicas where the others have "
                    + replicationFactor.get() + ".");
        }
        return Optional.empty();
    }

    private static Optional<Outcome> invalid(String message) {
        return Optional.of(Outcome.refused(Errors.INVALID_REPLICA_ASSIGNMENT, message));
    }
}
