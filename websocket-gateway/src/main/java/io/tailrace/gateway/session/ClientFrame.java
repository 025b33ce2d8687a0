// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

import java.util.List;
import java.util.Optional;

/** What a client of the gateway may say; see docs/gateway-protocol.md. */
public sealed interface ClientFrame {

    /**
     * The first frame of a connection.
     *
     * @param session under which published records are remembered; empty for none
     */
    record Hello(Optional<String> session) implements ClientFrame {}

    /**
     * @param id chosen by the client, unique among its open subscriptions
     * @param partitions empty for all that the topic has
     * @param records first credit
     * @param bytes first credit
     */
    record Subscribe(
            long id, String topic, List<Integer> partitions, From from, Filter filter, long records, long bytes)
            implements ClientFrame {}

    record AddCredit(long id, long records, long bytes) implements ClientFrame {}

    record Unsubscribe(long id) implements ClientFrame {}

    /** @param seq chosen by the client; comes back with the answer */
    record Publish(long seq, String topic, NewRecord record) implements ClientFrame {}

    record Ping() implements ClientFrame {}
}
