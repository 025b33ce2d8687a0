// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.quorum;

import java.io.IOException;

/**
 * How voters talk to each other: requests and answers as bytes. This is where a network comes in; a node alone has none.
 *
 * <p>Not to run over the event bus: consensus must not depend on what depends on it.
 */
public interface PeerTransport extends AutoCloseable {

    /** Kinds of request; the wire has {@link #ordinal}. */
    enum Kind {
        REQUEST_VOTE,
        APPEND_ENTRIES,
        INSTALL_SNAPSHOT,
        START_LEADER_ELECTION
    }

    /** Begins to take in requests. */
    void start(Receiver receiver) throws IOException;

    /**
     * Asks another voter and waits for the answer; on a thread that may wait.
     *
     * @param nodeId the other's
     * @param address the other's, as in {@link QuorumConfig.Voter}, when it was admitted; it may have moved since
     * @throws IOException if no answer came, also for the receiver's own failure
     */
    byte[] call(int nodeId, String address, Kind kind, byte[] request) throws IOException;

    @Override
    void close();

    /** Answers requests of other voters. Safe from any thread; blocks. */
    interface Receiver {
        byte[] receive(Kind kind, byte[] request) throws IOException;
    }

    /** For a node alone: binds nothing, reaches nobody. */
    static PeerTransport none() {
        return new PeerTransport() {
            @Override
            public void start(Receiver receiver) {}

            @Override
            public byte[] call(int nodeId, String address, Kind kind, byte[] request) throws IOException {
                throw new IOException("this node has no transport to other voters; " + kind + " to node " + nodeId);
            }

            @Override
            public void close() {}
        };
    }
}
