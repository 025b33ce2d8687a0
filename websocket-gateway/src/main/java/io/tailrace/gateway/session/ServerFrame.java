// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** What the gateway says, but for records, which are encoded where they are read; see docs/gateway-protocol.md. */
public sealed interface ServerFrame {

    /** @param resumed whether the node remembers the session; empty if the client named none */
    record Welcome(String connection, int node, Limits limits, Optional<Boolean> resumed) implements ServerFrame {}

    /** @param tokens by partition, those whose start is known */
    record Subscribed(long id, Map<Integer, Token> tokens) implements ServerFrame {}

    /** Another partition is read. */
    record Assigned(long id, int partition, Token token) implements ServerFrame {}

    /** @param withinMs partitions are to be released in this time; 0 if they are somebody else's already */
    record Revoked(long id, Set<Integer> partitions, long withinMs) implements ServerFrame {}

    record Committed(long id, long seq) implements ServerFrame {}

    record Token(long offset, String text) {}

    record Gap(long id, int partition, long fromOffset, long toOffset, GapReason reason) implements ServerFrame {}

    record State(long id, int partition, PartitionState state) implements ServerFrame {}

    record Unsubscribed(long id) implements ServerFrame {}

    /**
     * @param offset -1 if it is not known any more
     * @param receipt how far the session is in the partition; empty if it has no name
     */
    record Published(long seq, int partition, long offset, String receipt) implements ServerFrame {}

    /** What to name to a node that does not know the session. */
    record Producer(String text) implements ServerFrame {}

    /**
     * @param id of the subscription that failed, and is closed by this unless told otherwise
     * @param seq of the record that was not written
     */
    record Failed(OptionalLong id, OptionalLong seq, ErrorCode code, String text) implements ServerFrame {

        /** A record was not written. */
        public static Failed ofRecord(long seq, ErrorCode code, String text) {
            return new Failed(OptionalLong.empty(), OptionalLong.of(seq), code, text);
        }
    }

    record Pong() implements ServerFrame {}

    /** The server stops; connect again after this time, which differs from client to client. */
    record Drain(long afterMs) implements ServerFrame {}
}
