// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.group.GroupCoordinators;
import io.tailrace.cluster.group.classic.ClassicRequest;
import io.tailrace.cluster.group.classic.ClassicRequest.Described;
import io.vertx.core.Future;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroupMember;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/**
 * DescribeGroups, key 15, versions 0 to 6.
 *
 * <p>Classic groups only. One that does not exist is in state Dead without an error before version 6, and GROUP_ID_NOT_FOUND with a text
 * from then on (KIP-1043). Members' metadata and assignments are told in a stable group only. Authorised operations from version 3, instance
 * ids from version 4 on.
 */
public final class DescribeGroupsApi implements KafkaApi<DescribeGroupsRequestData> {

    private final GroupDescriptions descriptions;

    public DescribeGroupsApi(GroupCoordinators groups, Authorizer authorizer) {
        this.descriptions = new GroupDescriptions(groups, authorizer);
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.DESCRIBE_GROUPS;
    }

    @Override
    public Future<? extends ApiMessage> handle(RequestContext context, DescribeGroupsRequestData request) {
        boolean operations = request.includeAuthorizedOperations() && context.apiVersion() >= 3;
        return descriptions
                .describe(
                        context,
                        request.groups(),
                        new GroupDescriptions.Kind<>(
                                ClassicRequest.Describe::new,
                                Described.class,
                                (groupId, found) -> found.error() != Errors.NONE
                                        ? missing(context, groupId, found)
                                        : response(groupId, found)
                                                .setAuthorizedOperations(
                                                        descriptions.operations(context, groupId, operations)),
                                DescribeGroupsApi::refused))
                .map(described -> new DescribeGroupsResponseData().setGroups(described));
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

    private static DescribedGroup refused(String groupId, Errors error) {
        return new DescribedGroup().setGroupId(groupId).setErrorCode(error.code());
    }
}
