// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import io.tailrace.cluster.group.classic.ClassicRequest;
import java.util.Collections;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who a member is and what it wants to read. Never changed once made.
 *
 * @param instanceId of a static member, else null
 * @param topicRegex in RE2 syntax; null or empty without one
 * @param rebalanceTimeoutMs how long it may take to give partitions back; -1 in what another broker wrote without one
 * @param serverAssignor that it votes for, or null
 * @param classic of a member that speaks the classic protocol, else null
 */
public record Subscription(
        @Nullable String instanceId,
        @Nullable String rackId,
        String clientId,
        String clientHost,
        NavigableSet<String> topicNames,
        @Nullable String topicRegex,
        int rebalanceTimeoutMs,
        @Nullable String serverAssignor,
        @Nullable ClassicTraits classic) {

    /** Of a member that has said nothing yet. */
    static final Subscription NONE =
            new Subscription(null, null, "", "", Collections.emptyNavigableSet(), null, -1, null, null);

    public Subscription {
        topicNames = Collections.unmodifiableNavigableSet(new TreeSet<>(topicNames));
    }

    boolean isStatic() {
        return instanceId != null;
    }

    /** Whether the member speaks the classic protocol, and is served by JoinGroup, SyncGroup and Heartbeat. */
    public boolean usesClassic() {
        return classic != null;
    }

    boolean hasRegex() {
        return topicRegex != null && !topicRegex.isEmpty();
    }

    /** This subscription with what a heartbeat says anew; the same object if that is nothing. */
    Subscription updated(ConsumerRequest.Heartbeat beat) {
        Subscription next = new Subscription(
                orElse(beat.instanceId(), instanceId),
                orElse(beat.rackId(), rackId),
                beat.clientId(),
                beat.clientHost(),
                names(beat.topicNames()),
                orElse(beat.topicRegex(), topicRegex),
                beat.rebalanceTimeoutMs() == -1 ? rebalanceTimeoutMs : beat.rebalanceTimeoutMs(),
                orElse(beat.serverAssignor(), serverAssignor),
                null);
        return next.equals(this) ? this : next;
    }

    /** This subscription with what a classic member says in JoinGroup; classic clients match patterns themselves and name topics. */
    Subscription joined(ClassicRequest.Join join, EmbeddedProtocol.Subscribed said) {
        return new Subscription(
                join.instanceId(),
                orElse(said.rackId(), rackId),
                join.client().id(),
                join.client().host(),
                said.topics(),
                null,
                join.rebalanceTimeoutMs(),
                null,
                new ClassicTraits(
                        join.sessionTimeoutMs(),
                        join.protocols().stream()
                                .map(protocol -> new ClassicTraits.Protocol(protocol.name(), protocol.metadata()))
                                .toList()));
    }

    /** Whether a heartbeat changes nothing, told without making anything. */
    boolean saysNothingNew(ConsumerRequest.Heartbeat beat) {
        return beat.topicNames() == null
                && beat.topicRegex() == null
                && beat.rackId() == null
                && beat.serverAssignor() == null
                && beat.rebalanceTimeoutMs() == -1
                && classic == null
                && (beat.instanceId() == null || beat.instanceId().equals(instanceId))
                && clientId.equals(beat.clientId())
                && clientHost.equals(beat.clientHost());
    }

    boolean sameRegex(Subscription other) {
        return Objects.equals(topicRegex, other.topicRegex);
    }

    private NavigableSet<String> names(@Nullable List<String> said) {
        return said == null ? topicNames : new TreeSet<>(said);
    }

    private static @Nullable String orElse(@Nullable String said, @Nullable String known) {
        return said == null ? known : said;
    }
}
