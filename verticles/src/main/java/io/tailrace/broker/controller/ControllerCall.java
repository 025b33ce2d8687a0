// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.controller;

import io.tailrace.cluster.metadata.ControllerReply;
import io.tailrace.cluster.metadata.ControllerRequest;
import io.tailrace.cluster.metadata.QuorumView;

/** What goes over the bus to the controller and back. */
sealed interface ControllerCall {

    /** The name of the codec that carries them. */
    String CODEC = "tailrace.controller";

    record Ask(ControllerRequest request) implements ControllerCall {}

    /** @param version of the image that holds what the reply tells */
    record Answer(ControllerReply reply, long version) implements ControllerCall {}

    /** Who keeps the metadata log, as the node that is asked sees it. */
    record AskQuorum() implements ControllerCall {}

    record Quorum(QuorumView view) implements ControllerCall {}

    /**
     * A node is to vote in the metadata log, or not to. Answered by {@link Answer}.
     *
     * @param directoryId of the node's folder that has the log
     * @param repeated whether the same was asked before and may have been done
     */
    record AskVote(int nodeId, String directoryId, boolean votes, boolean repeated) implements ControllerCall {}
}
