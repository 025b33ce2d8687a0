// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.group.GroupCoordinators;
import io.tailrace.cluster.group.classic.ClassicRequest;
import io.tailrace.cluster.group.classic.ClassicRequest.Leaver;
import io.tailrace.cluster.group.classic.ClassicRequest.Left;
import io.vertx.core.Future;
import java.util.List;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupResponseData.MemberResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.ResourceType;

/**
 * LeaveGroup, key 13, versions 0 to 5.
 *
 * <p>One member before version 3, a batch from then on, in which static members may be named by instance id alone (an administrator removes
 * them so). Before version 3 the one member's error is the error of the response. The reason (5 on, KIP-800) is for logs and is not kept.
 */
public final class LeaveGroupApi implements KafkaApi<LeaveGroupRequestData> {

    private final GroupCoordinators groups;
    private final Authorizer authorizer;

    public LeaveGroupApi(GroupCoordinators groups, Authorizer authorizer) {
        this.groups = groups;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.LEAVE_GROUP;
    }

    @Override
    public Future<? extends ApiMessage> handle(RequestContext context, LeaveGroupRequestData request) {
        if (!authorizer.allows(context, AclOperation.READ, ResourceType.GROUP, request.groupId())) {
            return Future.succeededFuture(refused(Errors.GROUP_AUTHORIZATION_FAILED));
        }
        if (request.groupId().isEmpty()) {
            return Future.succeededFuture(refused(Errors.INVALID_GROUP_ID));
        }
        boolean batched = context.apiVersion() >= 3;
        List<Leaver> leavers = batched
                ? request.members().stream()
                        .map(member -> new Leaver(member.memberId(), member.groupInstanceId()))
                        .toList()
                : List.of(new Leaver(request.memberId(), null));
        return groups.ask(new ClassicRequest.Leave(request.groupId(), leavers))
                .map(reply -> reply.map(
                        Left.class, left -> batched ? batch(left, leavers) : single(left), LeaveGroupApi::refused));
    }

    private static LeaveGroupResponseData single(Left left) {
        return refused(
                left.error() != Errors.NONE ? left.error() : left.errors().get(0));
    }

    private static LeaveGroupResponseData batch(Left left, List<Leaver> leavers) {
        LeaveGroupResponseData response = refused(left.error());
        for (int i = 0; i < left.errors().size(); i++) {
            response.members()
                    .add(new MemberResponse()
                            .setMemberId(leavers.get(i).memberId())
                            .setGroupInstanceId(leavers.get(i).instanceId())
                            .setErrorCode(left.errors().get(i).code()));
        }
        return response;
    }

    private static LeaveGroupResponseData refused(Errors error) {
        return new LeaveGroupResponseData().setErrorCode(error.code());
    }
}
