// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.controller.ControllerClient;
import io.tailrace.cluster.metadata.ControllerReply.Done;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.Outcome;
import io.vertx.core.Future;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.RemoveRaftVoterRequestData;
import org.apache.kafka.common.message.RemoveRaftVoterResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * RemoveRaftVoter (key 81, version 0; KIP-853): a node votes in the metadata log no longer, and goes on following it. A node that is gone for good is
 * taken out by UnregisterBroker instead, which has another one vote in its place.
 */
public final class RemoveRaftVoterApi implements KafkaApi<RemoveRaftVoterRequestData> {

    /** The request has no time-out of its own; this is what the Java admin client waits for an answer. */
    private static final long TIMEOUT_MS = 30_000;

    private final MetadataView metadata;
    private final ControllerClient controller;
    private final Authorizer authorizer;

    public RemoveRaftVoterApi(MetadataView metadata, ControllerClient controller, Authorizer authorizer) {
        this.metadata = metadata;
        this.controller = controller;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.REMOVE_RAFT_VOTER;
    }

    @Override
    public Future<RemoveRaftVoterResponseData> handle(RequestContext context, RemoveRaftVoterRequestData request) {
        if (!new Permissions(authorizer, context).onCluster(AclOperation.ALTER)) {
            return Future.succeededFuture(response(Answer.refused(Errors.CLUSTER_AUTHORIZATION_FAILED)));
        }
        if (request.clusterId() != null
                && !request.clusterId().equals(metadata.image().clusterId())) {
            return Future.succeededFuture(response(Answer.refused(Errors.INCONSISTENT_CLUSTER_ID)));
        }
        return controller
                .setVote(request.voterId(), request.voterDirectoryId().toString(), false, TIMEOUT_MS)
                .map(reply -> response(Answer.of(reply, Done.class, Done::outcome, refused -> refused)));
    }

    private static RemoveRaftVoterResponseData response(Outcome outcome) {
        return new RemoveRaftVoterResponseData()
                .setErrorCode(outcome.error().code())
                .setErrorMessage(Answer.message(outcome));
    }
}
