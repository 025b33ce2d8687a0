// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.group.GroupCoordinators;
import io.tailrace.cluster.group.classic.ClassicRequest;
import io.tailrace.cluster.group.classic.ClassicRequest.Synced;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.ResourceType;

/**
 * SyncGroup, key 14, versions 0 to 5.
 *
 * <p>Answered when the leader's assignment is durable. Static members from version 3 on; from version 5 on the member says which protocol it
 * means, and one that says none is INCONSISTENT_GROUP_PROTOCOL.
 */
public final class SyncGroupApi implements KafkaApi<SyncGroupRequestData> {

    private final GroupCoordinators groups;
    private final Authorizer authorizer;

    public SyncGroupApi(GroupCoordinators groups, Authorizer authorizer) {
        this.groups = groups;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.SYNC_GROUP;
    }

    @Override
    public Future<? extends ApiMessage> handle(RequestContext context, SyncGroupRequestData request) {
        boolean namesProtocol = request.protocolType() != null && request.protocolName() != null;
        Errors refusal = !authorizer.allows(context, AclOperation.READ, ResourceType.GROUP, request.groupId())
                ? Errors.GROUP_AUTHORIZATION_FAILED
                : context.apiVersion() >= 5 && !namesProtocol
                        ? Errors.INCONSISTENT_GROUP_PROTOCOL
                        : request.groupId().isEmpty() ? Errors.INVALID_GROUP_ID : Errors.NONE;
        if (refusal != Errors.NONE) {
            return Future.succeededFuture(refused(refusal));
        }
        Map<String, byte[]> assignments = new HashMap<>();
        request.assignments().forEach(each -> assignments.put(each.memberId(), each.assignment()));
        return groups.ask(new ClassicRequest.Sync(
                        request.groupId(),
                        request.memberId(),
                        request.groupInstanceId(),
                        request.generationId(),
                        request.protocolType(),
                        request.protocolName(),
                        assignments))
                .map(reply -> reply.map(Synced.class, SyncGroupApi::response, SyncGroupApi::refusedBy));
    }

    private static SyncGroupResponseData response(Synced synced) {
        return new SyncGroupResponseData()
                .setErrorCode(synced.error().code())
                .setProtocolType(synced.protocolType())
                .setProtocolName(synced.protocolName())
                .setAssignment(synced.assignment());
    }

    /** The round went with the coordinator before: members join again. "Loading" is an error that clients do not know here, and end with. */
    private static SyncGroupResponseData refusedBy(Errors coordinator) {
        return refused(coordinator == Errors.COORDINATOR_LOAD_IN_PROGRESS ? Errors.REBALANCE_IN_PROGRESS : coordinator);
    }

    private static SyncGroupResponseData refused(Errors error) {
        return new SyncGroupResponseData().setErrorCode(error.code()).setAssignment(new byte[0]);
    }
}
