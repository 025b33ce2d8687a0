// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.cluster.metadata.QuorumView;
import java.util.List;
import org.apache.kafka.common.Uuid;

/**
 * The group of nodes that keeps the metadata log, as one of its members sees it.
 *
 * @param leaderId node id; -1 if unknown
 * @param term of the leader: grows with every election
 * @param endIndex exclusive end of what is committed
 */
public record QuorumState(int leaderId, int term, long endIndex, List<Member> voters, List<Member> observers) {

    public QuorumState {
        voters = List.copyOf(voters);
        observers = List.copyOf(observers);
    }

    /**
     * One node that has a copy of the metadata log.
     *
     * @param directory which of the node's folders has it; zero if unknown
     * @param endIndex exclusive end of what the leader knows the node to have; -1 if unknown
     * @param lastContactMs when the leader last heard of it, milliseconds since the epoch; -1 if unknown
     */
    public record Member(int nodeId, Uuid directory, long endIndex, long lastContactMs) {}

    /** What the metadata log tells of itself. A directory's id that is not one of Kafka's is told as unknown. */
    public static QuorumState of(QuorumView view, long nowMs) {
        return new QuorumState(
                view.leaderId(),
                (int) view.term(),
                view.endIndex(),
                view.voters().stream().map(it -> member(it, nowMs)).toList(),
                view.observers().stream().map(it -> member(it, nowMs)).toList());
    }

    private static Member member(QuorumView.Member it, long nowMs) {
        return new Member(
                it.nodeId(),
                directory(it.directoryId()),
                it.endIndex(),
                it.silentMs() < 0 ? -1 : nowMs - it.silentMs());
    }

    private static Uuid directory(String text) {
        try {
            return Uuid.fromString(text);
        } catch (IllegalArgumentException foreign) {
            return Uuid.ZERO_UUID;
        }
    }

    /** One node, which is the whole quorum and has all there is. */
    public static QuorumState alone(int nodeId, int term, long endIndex, long nowMs) {
        return new QuorumState(
                nodeId, term, endIndex, List.of(new Member(nodeId, Uuid.ZERO_UUID, endIndex, nowMs)), List.of());
    }
}
