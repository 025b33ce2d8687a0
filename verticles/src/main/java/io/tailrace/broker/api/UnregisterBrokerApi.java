// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.controller.ControllerClient;
import io.tailrace.cluster.metadata.ControllerReply.Done;
import io.tailrace.cluster.metadata.ControllerRequest.UnregisterBroker;
import io.tailrace.cluster.metadata.Outcome;
import io.vertx.core.Future;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.UnregisterBrokerRequestData;
import org.apache.kafka.common.message.UnregisterBrokerResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** UnregisterBroker (key 64, version 0): a node that is gone for good is forgotten. */
public final class UnregisterBrokerApi implements KafkaApi<UnregisterBrokerRequestData> {

    /** The request has no time-out of its own; this is what the Java admin client waits for an answer. */
    private static final long TIMEOUT_MS = 30_000;

    private final ControllerClient controller;
    private final Authorizer authorizer;

    public UnregisterBrokerApi(ControllerClient controller, Authorizer authorizer) {
        this.controller = controller;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.UNREGISTER_BROKER;
    }

    @Override
    public Future<UnregisterBrokerResponseData> handle(RequestContext context, UnregisterBrokerRequestData request) {
        if (!new Permissions(authorizer, context).onCluster(AclOperation.ALTER)) {
            return Future.succeededFuture(response(Answer.refused(Errors.CLUSTER_AUTHORIZATION_FAILED)));
        }
        return controller
                .submit(new UnregisterBroker(request.brokerId()), TIMEOUT_MS)
                .map(reply -> response(Answer.of(reply, Done.class, Done::outcome, refused -> refused)));
    }

    private static UnregisterBrokerResponseData response(Outcome outcome) {
        return new UnregisterBrokerResponseData()
                .setErrorCode(outcome.error().code())
                .setErrorMessage(Answer.message(outcome));
    }
}
