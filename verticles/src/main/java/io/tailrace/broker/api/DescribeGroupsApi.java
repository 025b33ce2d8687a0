// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.group.GroupCoordinators;
import io.tailrace.cluster.group.classic.ClassicRequest;
import io.tailrace.cluster.group.classic.ClassicRequest.Described;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroupMember;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.ResourceType;

/**
 * DescribeGroups, key 15, versions 0 to 6.
 *
 * <p>Classic groups only. One that does not exist is in state Dead without an error before version 6, and GROUP_ID_NOT_FOUND with a text
 * from then on (KIP-1043). Members' metadata and assignments are told in a stable group only. Authorised operations from version 3, instance
 * ids from version 4 on.
 */
public final class DescribeGroupsApi implements KafkaApi<DescribeGroupsRequestData> {

    private static final List<AclOperation> ON_GROUP =
            List.of(AclOperation.READ, AclOperation.DESCRIBE, AclOperation.DELETE);

    private final GroupCoordinators groups;
    private final Authorizer authorizer;

    public DescribeGroupsApi(GroupCoordinators groups, Authorizer authorizer) {
        this.groups = groups;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.DESCRIBE_GROUPS;
    }

    @Override
    public Future<? extends ApiMessage> handle(RequestContext context, DescribeGroupsRequestData request) {
        List<Future<DescribedGroup>> described = new ArrayList<>();
        for (String groupId : request.groups()) {
            described.add(describe(context, groupId, request.includeAuthorizedOperations()));
        }
        return Future.all(described).map(all -> new DescribeGroupsResponseData().setGroups(all.list()));
    }

    private Future<DescribedGroup> describe(RequestContext context, String groupId, boolean operations) {
        if (!authorizer.allows(context, AclOperation.DESCRIBE, ResourceType.GROUP, groupId)) {
            return Future.succeededFuture(refused(groupId, Errors.GROUP_AUTHORIZATION_FAILED));
        }
        return groups.ask(new ClassicRequest.Describe(groupId))
                .map(reply -> reply.map(
                        Described.class,
                        found -> found.error() == Errors.NONE
                                ? response(groupId, found)
                                        .setAuthorizedOperations(
                                                operations && context.apiVersion() >= 3
                                                        ? operations(context, groupId)
                                                        : Integer.MIN_VALUE)
                                : missing(context, groupId, found),
                        error -> refused(groupId, error)));
    }

    private static DescribedGroup missing(RequestContext context, String groupId, Described found) {
        DescribedGroup dead = new DescribedGroup().setGroupId(groupId).setGroupState(found.state());
        return context.apiVersion() < 6
                ? dead
                : dead.setErrorCode(found.error().code()).setErrorMessage("Group " + groupId + " not found.");
    }

    private static DescribedGroup response(String groupId, Described found) {
        return new DescribedGroup()
                .setGroupId(groupId)
                .setGroupState(found.state())
                .setProtocolType(found.protocolType())
                .setProtocolData(found.protocolName())
                .setMembers(found.members().stream()
                        .map(member -> new DescribedGroupMember()
                                .setMemberId(member.memberId())
                                .setGroupInstanceId(member.instanceId())
                                .setClientId(member.client().id())
                                .setClientHost(member.client().host())
                                .setMemberMetadata(member.metadata())
                                .setMemberAssignment(member.assignment()))
                        .toList());
    }

    private int operations(RequestContext context, String groupId) {
        int bits = 0;
        for (AclOperation operation : ON_GROUP) {
            bits |= authorizer.allows(context, operation, ResourceType.GROUP, groupId) ? 1 << operation.code() : 0;
        }
        return bits;
    }

    private static DescribedGroup refused(String groupId, Errors error) {
        return new DescribedGroup().setGroupId(groupId).setErrorCode(error.code());
    }
}
