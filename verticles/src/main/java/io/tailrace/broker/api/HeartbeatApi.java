// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.group.GroupCoordinators;
import io.tailrace.broker.group.MemberConnections;
import io.tailrace.cluster.group.classic.ClassicRequest;
import io.tailrace.cluster.group.classic.ClassicRequest.Beaten;
import io.vertx.core.Future;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.ResourceType;

/**
 * Heartbeat, key 12, versions 0 to 4.
 *
 * <p>Keeps a member's session alive and tells it of a rebalance (REBALANCE_IN_PROGRESS). While the coordinator loads, the answer is NONE, as
 * in Kafka: the member may be well, and an error would make it rejoin. Static members from version 3 on.
 */
public final class HeartbeatApi implements KafkaApi<HeartbeatRequestData> {

    private final GroupCoordinators groups;
    private final MemberConnections connections;
    private final Authorizer authorizer;

    public HeartbeatApi(GroupCoordinators groups, MemberConnections connections, Authorizer authorizer) {
        this.groups = groups;
        this.connections = connections;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.HEARTBEAT;
    }

    @Override
    public Future<? extends ApiMessage> handle(RequestContext context, HeartbeatRequestData request) {
        if (!authorizer.allows(context, AclOperation.READ, ResourceType.GROUP, request.groupId())) {
            return Future.succeededFuture(response(Errors.GROUP_AUTHORIZATION_FAILED));
        }
        if (request.groupId().isEmpty()) {
            return Future.succeededFuture(response(Errors.INVALID_GROUP_ID));
        }
        connections.asks(context.connectionId());
        return groups.ask(new ClassicRequest.Heartbeat(
                        request.groupId(), request.memberId(), request.groupInstanceId(), request.generationId()))
                .map(reply -> reply.map(
                        Beaten.class,
                        beaten -> response(heard(context, request, beaten)),
                        error -> response(error == Errors.COORDINATOR_LOAD_IN_PROGRESS ? Errors.NONE : error)));
    }

    private Errors heard(RequestContext context, HeartbeatRequestData request, Beaten beaten) {
        if (beaten.error() == Errors.NONE || beaten.error() == Errors.REBALANCE_IN_PROGRESS) {
            connections.heard(context.connectionId(), request.groupId(), request.memberId());
        }
        return beaten.error();
    }

    private static HeartbeatResponseData response(Errors error) {
        return new HeartbeatResponseData().setErrorCode(error.code());
    }
}
