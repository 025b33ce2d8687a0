// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.controller;

import io.tailrace.cluster.metadata.ControllerReply;
import io.tailrace.cluster.metadata.ControllerRequest;
import io.tailrace.cluster.metadata.QuorumView;
import io.vertx.core.Future;

/** How the rest of a node asks the controller, wherever it runs. Safe from any thread. */
public interface ControllerClient {

    /**
     * Asks the controller.
     *
     * <p>The reply comes when this node has applied what was changed: who creates a topic here and then reads the {@code MetadataView} finds it.
     *
     * @param timeoutMs how long to wait at most; 1 or more
     * @return the reply that {@link ControllerRequest} names for the request, or {@link ControllerReply.Refused}: with REQUEST_TIMED_OUT when
     *     time ran out, in which case the change may still happen. Fails only by a bug. Completes on the caller's context, if it has one.
     */
    Future<ControllerReply> submit(ControllerRequest request, long timeoutMs);

    /** Who keeps the metadata log, as its leader sees it; fails if it cannot be asked in time. */
    default Future<QuorumView> describeQuorum(long timeoutMs) {
        return Future.failedFuture("the controller cannot be asked for its quorum");
    }

    /**
     * Has a node that observes the metadata log vote in it, or one that votes observe; answered by {@link ControllerReply.Done}, else as {@link
     * #submit}.
     *
     * @param directoryId of the node's folder that has the log
     */
    default Future<ControllerReply> setVote(int nodeId, String directoryId, boolean votes, long timeoutMs) {
        return Future.failedFuture("the controller cannot be asked for its quorum");
    }
}
