// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

/** What happens to a {@link Controller}. */
public sealed interface ControllerEvent {

    /**
     * Somebody asks.
     *
     * @param requestId the host's; comes back in the reply
     * @param seed drawn at random by the host: topic ids are made of it
     */
    record Submitted(long requestId, ControllerRequest request, TopicIds.Seed seed) implements ControllerEvent {}

    /**
     * The metadata log has another leader.
     *
     * @param leaderId its node id, or -1 if none is known. When it is this node, every entry of earlier terms has been committed here before
     */
    record LeadershipChanged(long term, int leaderId) implements ControllerEvent {}

    /** Time has passed; told every few hundred milliseconds. */
    record Ticked() implements ControllerEvent {}

    /** Membership has lost sight of a node. A hint: it shortens the node's time to show itself, and decides nothing. */
    record Suspected(int nodeId) implements ControllerEvent {}

    /**
     * The machine of a node refuses connections to the node's cluster port: its process is gone, or a wall stands between. A hint too, and a
     * stronger one; told again and again while it is so.
     */
    record Refused(int nodeId) implements ControllerEvent {}

    /** An entry is committed, on whichever node it was written; in log order, each once. */
    record Committed(LogPosition position, byte[] entry) implements ControllerEvent {}

    /** The log begins with this snapshot, of {@link ImageSnapshot}'s bytes; all before is forgotten. */
    record Restored(LogPosition position, byte[] snapshot) implements ControllerEvent {}

    /** What {@link ControllerEffect.Append} asked for did not happen, or nobody knows whether it did. */
    record AppendFailed(String reason) implements ControllerEvent {}
}
