// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.controller.ControllerClient;
import io.tailrace.cluster.metadata.ControllerReply.Done;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.Outcome;
import io.vertx.core.Future;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.AddRaftVoterRequestData;
import org.apache.kafka.common.message.AddRaftVoterResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * AddRaftVoter (key 80, versions 0-1; KIP-853): a node that follows the metadata log votes in it from now on. {@code kafka-metadata-quorum.sh
 * add-controller} reads the node's id and directory from its properties and {@code meta.properties}.
 *
 * <p>The listeners in the request are not looked at: nodes know each other's cluster addresses. It is always answered when the change is committed,
 * also where v1 would have it earlier.
 */
public final class AddRaftVoterApi implements KafkaApi<AddRaftVoterRequestData> {

    private final MetadataView metadata;
    private final ControllerClient controller;
    private final Authorizer authorizer;

    public AddRaftVoterApi(MetadataView metadata, ControllerClient controller, Authorizer authorizer) {
        this.metadata = metadata;
        this.controller = controller;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.ADD_RAFT_VOTER;
    }

    @Override
    public Future<AddRaftVoterResponseData> handle(RequestContext context, AddRaftVoterRequestData request) {
        if (!new Permissions(authorizer, context).onCluster(AclOperation.ALTER)) {
            return Future.succeededFuture(response(Answer.refused(Errors.CLUSTER_AUTHORIZATION_FAILED)));
        }
        if (request.clusterId() != null
                && !request.clusterId().equals(metadata.image().clusterId())) {
            return Future.succeededFuture(response(Answer.refused(Errors.INCONSISTENT_CLUSTER_ID)));
        }
        return controller
                .setVote(
                        request.voterId(),
                        request.voterDirectoryId().toString(),
                        true,
                        Answer.timeoutMs(request.timeoutMs()))
                .map(reply -> response(Answer.of(reply, Done.class, Done::outcome, refused -> refused)));
    }

    private static AddRaftVoterResponseData response(Outcome outcome) {
        return new AddRaftVoterResponseData()
                .setErrorCode(outcome.error().code())
                .setErrorMessage(Answer.message(outcome));
    }
}
