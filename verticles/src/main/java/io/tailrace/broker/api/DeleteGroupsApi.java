// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.group.GroupCoordinators;
import io.tailrace.cluster.group.AdminRequest;
import io.tailrace.cluster.group.AdminRequest.Done;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResult;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResultCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.ResourceType;

/**
 * DeleteGroups, key 42, versions 0 to 3.
 *
 * <p>Deletes groups without members, and their offsets. Each group succeeds or fails by itself; from version 3 on with a text. A group named
 * twice is answered once.
 */
public final class DeleteGroupsApi implements KafkaApi<DeleteGroupsRequestData> {

    private final GroupCoordinators groups;
    private final Authorizer authorizer;

    public DeleteGroupsApi(GroupCoordinators groups, Authorizer authorizer) {
        this.groups = groups;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.DELETE_GROUPS;
    }

    @Override
    public Future<? extends ApiMessage> handle(RequestContext context, DeleteGroupsRequestData request) {
        List<Future<DeletableGroupResult>> deleted = new ArrayList<>();
        for (String groupId : new LinkedHashSet<>(request.groupsNames())) {
            deleted.add(delete(context, groupId));
        }
        return Future.all(deleted).map(all -> {
            DeletableGroupResultCollection results = new DeletableGroupResultCollection();
            all.<DeletableGroupResult>list().forEach(results::add);
            return new DeleteGroupsResponseData().setResults(results);
        });
    }

    private Future<DeletableGroupResult> delete(RequestContext context, String groupId) {
        if (!authorizer.allows(context, AclOperation.DELETE, ResourceType.GROUP, groupId)) {
            return Future.succeededFuture(result(groupId, Errors.GROUP_AUTHORIZATION_FAILED));
        }
        if (groupId.isEmpty()) {
            return Future.succeededFuture(result(groupId, Errors.INVALID_GROUP_ID));
        }
        return groups.ask(new AdminRequest.Delete(groupId))
                .map(reply -> reply.map(
                        Done.class,
                        done -> result(groupId, done.error()).setErrorMessage(done.message()),
                        error -> result(groupId, error)));
    }

    private static DeletableGroupResult result(String groupId, Errors error) {
        return new DeletableGroupResult().setGroupId(groupId).setErrorCode(error.code());
    }
}
