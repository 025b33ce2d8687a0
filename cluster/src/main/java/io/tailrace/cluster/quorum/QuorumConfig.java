// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.quorum;

import java.nio.file.Path;
import java.util.List;

/**
 * How a node takes part in the metadata log.
 *
 * @param dir the log's own folder; made if missing
 * @param clusterId a log of another cluster in the folder is refused
 * @param self this node
 * @param voters who was there when the log was begun: this node alone, or nobody for a node that waits to be admitted by the others; once the
 *     log exists, it knows better itself
 * @param snapshotBytes a snapshot is taken after so many bytes of entries
 */
public record QuorumConfig(Path dir, String clusterId, Voter self, List<Voter> voters, long snapshotBytes) {

    public QuorumConfig {
        voters = List.copyOf(voters);
        if (!voters.isEmpty() && !voters.contains(self)) {
            throw new IllegalArgumentException(self + " is not among the voters " + voters);
        }
    }

    /** A node alone. */
    public static QuorumConfig single(Path dir, String clusterId, Voter self, long snapshotBytes) {
        return new QuorumConfig(dir, clusterId, self, List.of(self), snapshotBytes);
    }

    /** A node that is to be admitted by the voters there are. */
    public static QuorumConfig joining(Path dir, String clusterId, Voter self, long snapshotBytes) {
        return new QuorumConfig(dir, clusterId, self, List.of(), snapshotBytes);
    }

    /**
     * One who votes.
     *
     * @param directoryId of the data directory. A node that lost its disk comes back with another one and so as another voter: to vote twice in
     *     one term with one name is what Raft cannot bear
     * @param address {@code host:port} where other voters reach it; ignored while there is no other
     */
    public record Voter(int nodeId, String directoryId, String address) {

        String peerId() {
            return nodeId + "_" + directoryId;
        }

        static String directoryIdOf(String peerId) {
            return peerId.substring(peerId.indexOf('_') + 1);
        }

        static int nodeIdOf(String peerId) {
            return Integer.parseInt(peerId.substring(0, peerId.indexOf('_')));
        }
    }
}
