// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import java.util.List;

/**
 * The nodes that keep the metadata log, as one of them sees them. Only the leader knows how far the others are.
 *
 * @param leaderId node id; -1 if unknown
 * @param term of the leader: grows with every election
 * @param endIndex exclusive end of what is committed, as far as this node knows
 */
public record QuorumView(int leaderId, long term, long endIndex, List<Member> voters, List<Member> observers) {

    public QuorumView {
        voters = List.copyOf(voters);
        observers = List.copyOf(observers);
    }

    /**
     * One node with a copy of the log.
     *
     * @param directoryId of the folder that has it
     * @param endIndex exclusive end of what the node is known to have committed; -1 if unknown
     * @param silentMs how long ago the leader last heard of it; -1 if unknown
     */
    public record Member(int nodeId, String directoryId, long endIndex, long silentMs) {}
}
