// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** A member that speaks the protocol as the Java consumer does: takes what it is given, gives back when told, says so next time. */
final class ProtocolMember {

    static final String GROUP = "g";

    private final GroupBench bench;
    private final String memberId;
    private final @Nullable String instanceId;
    private List<String> topics;
    private @Nullable String regex;
    private int epoch;
    private boolean tellAll = true;
    private final NavigableSet<PartitionId> owned = new TreeSet<>();
    private @Nullable Set<PartitionId> given;

    ProtocolMember(GroupBench bench, String memberId, @Nullable String instanceId, List<String> topics) {
        this.bench = bench;
        this.memberId = memberId;
        this.instanceId = instanceId;
        this.topics = topics;
    }

    ProtocolMember(GroupBench bench, String memberId, String... topics) {
        this(bench, memberId, null, List.of(topics));
    }

    /** Lets each speak in turn until there is nothing more to move. */
    static void settle(ProtocolMember... members) {
        for (int round = 0; round < 8; round++) {
            for (ProtocolMember member : members) {
                member.beatAndReconcile();
            }
        }
    }

    static ConsumerRequest.Heartbeat request(
            String memberId,
            int epoch,
            @Nullable String instanceId,
            @Nullable List<String> topics,
            @Nullable String regex,
            @Nullable Set<PartitionId> owned) {
        return new ConsumerRequest.Heartbeat(
                GROUP,
                memberId,
                "",
                epoch,
                instanceId,
                null,
                "client",
                "/127.0.0.1",
                topics == null ? -1 : 60_000,
                topics,
                regex,
                null,
                owned,
                topic -> true);
    }

    void subscribe(List<String> next, @Nullable String nextRegex) {
        topics = next;
        regex = nextRegex;
        tellAll = true;
    }

    ConsumerRequest.Heartbeat next() {
        boolean all = tellAll || epoch == 0;
        return request(
                memberId,
                epoch,
                instanceId,
                all ? topics : null,
                all ? (regex == null ? "" : regex) : null,
                epoch == 0 ? Set.of() : new TreeSet<>(owned));
    }

    /** Sends a heartbeat and takes the answer in. */
    ConsumerRequest.Beaten beat() {
        ConsumerRequest.Beaten beaten = bench.ask(next(), ConsumerRequest.Beaten.class);
        if (beaten.error() == Errors.FENCED_MEMBER_EPOCH || beaten.error() == Errors.UNKNOWN_MEMBER_ID) {
            abandon();
            return beaten;
        }
        if (beaten.error() == Errors.NONE) {
            epoch = beaten.memberEpoch();
            tellAll = false;
            if (beaten.assignment() != null) {
                given = beaten.assignment();
            }
        }
        return beaten;
    }

    /** Sends a heartbeat whose answer gets lost; the next one says everything again. */
    void beatInTheDark() {
        bench.ask(next(), ConsumerRequest.Beaten.class);
        tellAll = true;
    }

    /** Gives back and takes over, as the last assignment says. */
    void reconcile() {
        if (given != null) {
            owned.clear();
            owned.addAll(given);
            given = null;
        }
    }

    ConsumerRequest.Beaten beatAndReconcile() {
        ConsumerRequest.Beaten beaten = beat();
        reconcile();
        return beaten;
    }

    void leave() {
        bench.ask(request(memberId, -1, instanceId, null, null, null), ConsumerRequest.Beaten.class);
        abandon();
    }

    void leaveForAWhile() {
        bench.ask(request(memberId, -2, instanceId, null, null, null), ConsumerRequest.Beaten.class);
        abandon();
    }

    /** Stops reading; the next heartbeat joins. */
    void abandon() {
        owned.clear();
        given = null;
        epoch = 0;
        tellAll = true;
    }

    String memberId() {
        return memberId;
    }

    int epoch() {
        return epoch;
    }

    List<String> topics() {
        return topics;
    }

    @Nullable
    String regex() {
        return regex;
    }

    NavigableSet<PartitionId> owned() {
        return owned;
    }

    Holding holding() {
        return Objects.requireNonNull(bench.group(GROUP).member(memberId)).holding();
    }
}
