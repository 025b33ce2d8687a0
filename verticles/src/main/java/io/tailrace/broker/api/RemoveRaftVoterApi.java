// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.controller.ControllerClient;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.Outcome;
import io.vertx.core.Future;
import org.apache.kafka.common.message.RemoveRaftVoterRequestData;
import org.apache.kafka.common.message.RemoveRaftVoterResponseData;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * RemoveRaftVoter (key 81, version 0; KIP-853): a node votes in the metadata log no longer, and goes on following it. A node that is gone for good is
 * taken out by UnregisterBroker instead, which has another one vote in its place.
 */
public final class RemoveRaftVoterApi implements KafkaApi<RemoveRaftVoterRequestData> {

    /** The request has no time-out of its own; this is what the Java admin client waits for an answer. */
    private static final long TIMEOUT_MS = 30_000;

    private final VoteRequests votes;

    public RemoveRaftVoterApi(MetadataView metadata, ControllerClient controller, Authorizer authorizer) {
        this.votes = new VoteRequests(metadata, controller, authorizer);
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.REMOVE_RAFT_VOTER;
    }

    @Override
    public Future<RemoveRaftVoterResponseData> handle(RequestContext context, RemoveRaftVoterRequestData request) {
        return votes.ask(context, request.clusterId(), request.voterId(), request.voterDirectoryId(), false, TIMEOUT_MS)
                .map(RemoveRaftVoterApi::response);
    }

    private static RemoveRaftVoterResponseData response(Outcome outcome) {
        return new RemoveRaftVoterResponseData()
                .setErrorCode(outcome.error().code())
                .setErrorMessage(Answer.message(outcome));
    }
}
