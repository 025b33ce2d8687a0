// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.controller.ControllerClient;
import io.tailrace.cluster.metadata.ControllerReply.Done;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.Outcome;
import io.vertx.core.Future;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** What AddRaftVoter and RemoveRaftVoter have in common: who may ask, and that it is asked of the right cluster. */
final class VoteRequests {

    private final MetadataView metadata;
    private final ControllerClient controller;
    private final Authorizer authorizer;

    VoteRequests(MetadataView metadata, ControllerClient controller, Authorizer authorizer) {
        this.metadata = metadata;
        this.controller = controller;
        this.authorizer = authorizer;
    }

    /**
     * @param clusterId null if the client does not care
     * @param votes whether the node is to vote from now on, or not
     */
    Future<Outcome> ask(
            RequestContext context,
            @Nullable String clusterId,
            int node,
            Uuid directory,
            boolean votes,
            long timeoutMs) {
        if (!new Permissions(authorizer, context).onCluster(AclOperation.ALTER)) {
            return Future.succeededFuture(Answer.refused(Errors.CLUSTER_AUTHORIZATION_FAILED));
        }
        if (clusterId != null && !clusterId.equals(metadata.image().clusterId())) {
            return Future.succeededFuture(Answer.refused(Errors.INCONSISTENT_CLUSTER_ID));
        }
        return controller
                .setVote(node, directory.toString(), votes, timeoutMs)
                .map(reply -> Answer.of(reply, Done.class, Done::outcome, refused -> refused));
    }
}
