// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The in-sync replicas as a leader must reckon with them: those that the controller committed, and those that the leader proposed and does
 * not know the fate of.
 *
 * <p>While a proposal is on its way the controller may or may not have taken it, and may elect from either. So what counts is the
 * <em>maximal</em> set, both together: a record is committed when all of these have it (KIP-497). The next proposal waits for the fate of the
 * last one.
 */
final class InSyncReplicas {

    private List<Integer> committed;
    private @Nullable List<Integer> proposed;

    InSyncReplicas(List<Integer> committed) {
        this.committed = List.copyOf(committed);
    }

    List<Integer> committed() {
        return committed;
    }

    /** What the controller was asked for and has not answered; null if nothing. */
    @Nullable
    List<Integer> proposed() {
        return proposed;
    }

    boolean isPending() {
        return proposed != null;
    }

    /** Whether the controller may count this node as in sync. */
    boolean mayHold(int nodeId) {
        return committed.contains(nodeId) || (proposed != null && proposed.contains(nodeId));
    }

    boolean isBelow(int minimum) {
        return committed.size() < minimum;
    }

    void proposeWith(int nodeId) {
        proposed = Stream.concat(committed.stream(), Stream.of(nodeId)).toList();
    }

    void proposeWithout(List<Integer> nodeIds) {
        proposed = committed.stream().filter(it -> !nodeIds.contains(it)).toList();
    }

    /** What the controller committed, the proposal or something else in its place. */
    void settle(List<Integer> decided) {
        committed = List.copyOf(decided);
        proposed = null;
    }

    /** The controller has said that it did not and will not take the proposal. */
    void drop() {
        proposed = null;
    }
}
