// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.classic;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.jspecify.annotations.Nullable;

/** Reads which topics members of protocol type {@code consumer} subscribe to. */
final class Subscriptions {

    private Subscriptions() {}

    /** The topics of all members together; empty if a member's subscription is not in the usual format (a foreign assignor's). */
    static Optional<Set<String>> topics(Collection<ClassicMember> members, @Nullable String protocol) {
        Set<String> topics = new HashSet<>();
        try {
            for (ClassicMember member : members) {
                byte[] bytes = protocol == null ? member.protocols().get(0).metadata() : member.metadata(protocol);
                ByteBuffer metadata = ByteBuffer.wrap(bytes);
                topics.addAll(ConsumerProtocol.deserializeConsumerProtocolSubscription(metadata)
                        .topics());
            }
        } catch (RuntimeException unreadable) {
            return Optional.empty();
        }
        return Optional.of(topics);
    }
}
