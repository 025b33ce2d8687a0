// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.controller.ControllerClient;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.Outcome;
import io.vertx.core.Future;
import org.apache.kafka.common.message.AddRaftVoterRequestData;
import org.apache.kafka.common.message.AddRaftVoterResponseData;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * AddRaftVoter (key 80, versions 0-1; KIP-853): a node that follows the metadata log votes in it from now on. {@code kafka-metadata-quorum.sh
 * add-controller} reads the node's id and directory from its properties and {@code meta.properties}.
 *
 * <p>The listeners in the request are not looked at: nodes know each other's cluster addresses. It is always answered when the change is committed,
 * also where v1 would have it earlier.
 */
public final class AddRaftVoterApi implements KafkaApi<AddRaftVoterRequestData> {

    private final VoteRequests votes;

    public AddRaftVoterApi(MetadataView metadata, ControllerClient controller, Authorizer authorizer) {
        this.votes = new VoteRequests(metadata, controller, authorizer);
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.ADD_RAFT_VOTER;
    }

    @Override
    public Future<AddRaftVoterResponseData> handle(RequestContext context, AddRaftVoterRequestData request) {
        long timeoutMs = Answer.timeoutMs(request.timeoutMs());
        return votes.ask(context, request.clusterId(), request.voterId(), request.voterDirectoryId(), true, timeoutMs)
                .map(AddRaftVoterApi::response);
    }

    private static AddRaftVoterResponseData response(Outcome outcome) {
        return new AddRaftVoterResponseData()
                .setErrorCode(outcome.error().code())
                .setErrorMessage(Answer.message(outcome));
    }
}
