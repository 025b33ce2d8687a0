// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a client of the gateway may say; see docs/gateway-protocol.md. */
public sealed interface ClientFrame {

    /**
     * The first frame of a connection.
     *
     * @param session under which published records are remembered; empty for none
     */
    record Hello(Optional<Session> session) implements ClientFrame {}

    /**
     * A publish session.
     *
     * @param producerId under which records were written that have no answer yet; -1 if none were
     * @param receipts how far that is, one for each partition
     */
    record Session(String id, long producerId, List<PublishReceipt> receipts) {}

    /**
     * @param id chosen by the client, unique among its open subscriptions
     * @param partitions empty for all that the topic has
     * @param group of which to be a member, which then says which partitions; empty for none
     * @param records first credit
     * @param bytes first credit
     */
    record Subscribe(
            long id,
            String topic,
            List<Integer> partitions,
            Optional<String> group,
            From from,
            Filter filter,
            Pace pace,
            Format format,
            long records,
            long bytes)
            implements ClientFrame {}

    record AddCredit(long id, long records, long bytes) implements ClientFrame {}

    record Unsubscribe(long id) implements ClientFrame {}

    /** @param seq chosen by the client; comes back with the answer */
    record Publish(long seq, String topic, NewRecord record) implements ClientFrame {}

    /**
     * The group is done up to here.
     *
     * @param seq chosen by the client; comes back with the answer
     * @param offsets of the next records, by partition
     */
    record Commit(long id, long seq, Map<Integer, Position> offsets) implements ClientFrame {}

    /** Partitions that were to be given back are done with. */
    record Release(long id, Set<Integer> partitions) implements ClientFrame {}

    record Ping() implements ClientFrame {}
}
