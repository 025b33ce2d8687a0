// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.group.GroupCoordinators;
import io.tailrace.cluster.group.GroupAnswer;
import io.tailrace.cluster.group.GroupRequest;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.ResourceType;

/**
 * What is alike in describing groups of every kind: who may, asking each group's coordinator, one description for each id in order, and what
 * the caller may do to a group.
 */
final class GroupDescriptions {

    private static final List<AclOperation> ON_GROUP =
            List.of(AclOperation.READ, AclOperation.DESCRIBE, AclOperation.DELETE);

    private final GroupCoordinators groups;
    private final Authorizer authorizer;

    GroupDescriptions(GroupCoordinators groups, Authorizer authorizer) {
        this.groups = groups;
        this.authorizer = authorizer;
    }

    /**
     * One kind of group.
     *
     * @param request asks for the group of an id
     * @param answer the class of the answer
     * @param found describes the group of an id
     * @param refused describes why there is no description
     */
    record Kind<A extends GroupAnswer, D>(
            Function<String, GroupRequest> request,
            Class<A> answer,
            BiFunction<String, A, D> found,
            BiFunction<String, Errors, D> refused) {}

    <A extends GroupAnswer, D> Future<List<D>> describe(
            RequestContext context, List<String> groupIds, Kind<A, D> kind) {
        List<Future<D>> described = new ArrayList<>(groupIds.size());
        groupIds.forEach(groupId -> described.add(describe(context, groupId, kind)));
        return Future.all(described).map(all -> all.list());
    }

    private <A extends GroupAnswer, D> Future<D> describe(RequestContext context, String groupId, Kind<A, D> kind) {
        if (!authorizer.allows(context, AclOperation.DESCRIBE, ResourceType.GROUP, groupId)) {
            return Future.succeededFuture(kind.refused().apply(groupId, Errors.GROUP_AUTHORIZATION_FAILED));
        }
        return groups.ask(kind.request().apply(groupId))
                .map(reply ->
                        reply.map(kind.answer(), answer -> kind.found().apply(groupId, answer), error -> kind.refused()
                                .apply(groupId, error)));
    }

    /** What the caller may do to a group, as a bit for each operation; the least integer if it did not ask. */
    int operations(RequestContext context, String groupId, boolean asked) {
        if (!asked) {
            return Integer.MIN_VALUE;
        }
        int bits = 0;
        for (AclOperation operation : ON_GROUP) {
            bits |= authorizer.allows(context, operation, ResourceType.GROUP, groupId) ? 1 << operation.code() : 0;
        }
        return bits;
    }
}
