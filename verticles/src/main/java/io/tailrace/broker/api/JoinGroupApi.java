// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.group.GroupCoordinators;
import io.tailrace.broker.group.MemberConnections;
import io.tailrace.cluster.group.classic.ClassicRequest;
import io.tailrace.cluster.group.classic.ClassicRequest.Joined;
import io.vertx.core.Future;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData.JoinGroupResponseMember;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.ResourceType;

/**
 * JoinGroup, key 11, versions 0 to 9.
 *
 * <p>Answered when the round is over, which may take the rebalance timeout; version 0 has none and takes the session timeout for it. From
 * version 4 on a new member is told its id first (KIP-394), from 5 on there are static members (KIP-345), from 7 on the protocol type is
 * told and the protocol name may be null, from 9 on a returning static leader skips the assignment (KIP-814). The reason (8 on, KIP-800) is
 * for logs and is not kept.
 */
public final class JoinGroupApi implements KafkaApi<JoinGroupRequestData> {

    private final GroupCoordinators groups;
    private final MemberConnections connections;
    private final Authorizer authorizer;

    public JoinGroupApi(GroupCoordinators groups, MemberConnections connections, Authorizer authorizer) {
        this.groups = groups;
        this.connections = connections;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.JOIN_GROUP;
    }

    @Override
    public Future<? extends ApiMessage> handle(RequestContext context, JoinGroupRequestData request) {
        short version = context.apiVersion();
        if (!authorizer.allows(context, AclOperation.READ, ResourceType.GROUP, request.groupId())) {
            return Future.succeededFuture(refused(Errors.GROUP_AUTHORIZATION_FAILED, version));
        }
        int rebalanceMs = version >= 1 ? request.rebalanceTimeoutMs() : request.sessionTimeoutMs();
        List<ClassicRequest.Protocol> protocols = request.protocols().stream()
                .map(protocol -> new ClassicRequest.Protocol(protocol.name(), protocol.metadata()))
                .toList();
        ClassicRequest.Client client = new ClassicRequest.Client(
                context.clientId(), context.remote().getAddress().toString());
        connections.asks(context.connectionId());
        return groups.ask(new ClassicRequest.Join(
                        request.groupId(),
                        request.memberId(),
                        request.groupInstanceId(),
                        UUID.randomUUID().toString(),
                        client,
                        request.protocolType(),
                        protocols,
                        request.sessionTimeoutMs(),
                        rebalanceMs,
                        version >= 4,
                        version >= 9))
                .map(reply -> reply.map(
                        Joined.class,
                        joined -> response(heard(context, request.groupId(), joined), version),
                        error -> refused(error, version)));
    }

    private Joined heard(RequestContext context, String groupId, Joined joined) {
        if (joined.error() == Errors.NONE) {
            connections.heard(context.connectionId(), groupId, joined.memberId());
        }
        return joined;
    }

    private static JoinGroupResponseData response(Joined joined, short version) {
        if (joined.error() != Errors.NONE) {
            return refused(joined.error(), version).setMemberId(joined.memberId());
        }
        return new JoinGroupResponseData()
                .setGenerationId(joined.generation())
                .setProtocolType(joined.protocolType())
                .setProtocolName(joined.protocolName())
                .setLeader(joined.leader())
                .setSkipAssignment(joined.skipAssignment())
                .setMemberId(joined.memberId())
                .setMembers(joined.peers().stream()
                        .map(peer -> new JoinGroupResponseMember()
                                .setMemberId(peer.memberId())
                                .setGroupInstanceId(peer.instanceId())
                                .setMetadata(peer.metadata()))
                        .toList());
    }

    private static JoinGroupResponseData refused(Errors error, short version) {
        return new JoinGroupResponseData()
                .setErrorCode(error.code())
                .setGenerationId(-1)
                .setProtocolName(version >= 7 ? null : "")
                .setLeader("")
                .setMemberId("");
    }
}
