// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.group.GroupCoordinators;
import io.tailrace.cluster.bus.GroupReply;
import io.tailrace.cluster.group.AdminRequest;
import io.tailrace.cluster.group.AdminRequest.Listed;
import io.vertx.core.Future;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.ListGroupsResponseData.ListedGroup;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourceType;

/**
 * ListGroups, key 16, versions 0 to 5.
 *
 * <p>The groups that this node coordinates; clients ask every node. States and their filter from version 4 (KIP-518), types and theirs from
 * version 5 on (KIP-848), both without regard to case. While one of the partitions loads, the answer is COORDINATOR_LOAD_IN_PROGRESS rather
 * than a part of the list. Who may not describe the cluster sees the groups that it may describe.
 */
public final class ListGroupsApi implements KafkaApi<ListGroupsRequestData> {

    private final GroupCoordinators groups;
    private final Authorizer authorizer;

    public ListGroupsApi(GroupCoordinators groups, Authorizer authorizer) {
        this.groups = groups;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.LIST_GROUPS;
    }

    @Override
    public Future<? extends ApiMessage> handle(RequestContext context, ListGroupsRequestData request) {
        AdminRequest.ListGroups list =
                new AdminRequest.ListGroups(lower(request.statesFilter()), lower(request.typesFilter()));
        return groups.askAll(list).map(replies -> response(context, replies));
    }

    private static Set<String> lower(List<String> names) {
        return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
    }

    private ListGroupsResponseData response(RequestContext context, List<GroupReply> replies) {
        boolean all = authorizer.allows(context, AclOperation.DESCRIBE, ResourceType.CLUSTER, Resource.CLUSTER_NAME);
        ListGroupsResponseData response = new ListGroupsResponseData();
        for (GroupReply reply : replies) {
            Errors error = reply.map(
                    Listed.class,
                    listed -> {
                        add(response, listed, context, all);
                        return Errors.NONE;
                    },
                    refusal -> refusal);
            // A partition that moved away meanwhile is listed by its new coordinator.
            if (error != Errors.NONE && error != Errors.NOT_COORDINATOR) {
                return new ListGroupsResponseData().setErrorCode(error.code());
            }
        }
        return response;
    }

    private void add(ListGroupsResponseData response, Listed listed, RequestContext context, boolean all) {
        for (AdminRequest.Listing group : listed.groups()) {
            if (all || authorizer.allows(context, AclOperation.DESCRIBE, ResourceType.GROUP, group.groupId())) {
                response.groups()
                        .add(new ListedGroup()
                                .setGroupId(group.groupId())
                                .setProtocolType(group.protocolType())
                                .setGroupState(group.state())
                                // Kafka's coordinator tells it in small letters; clients print it otherwise.
                                .setGroupType(group.type().toLowerCase(Locale.ROOT)));
            }
        }
    }
}
