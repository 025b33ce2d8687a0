// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import java.util.Set;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourceType;

/** What the sender of one request may do, in the words of the admin APIs. */
record Permissions(Authorizer authorizer, RequestContext context) {

    /** What can be done to a topic; Metadata tells which of these are allowed. */
    private static final Set<AclOperation> ON_TOPIC = Set.of(
            AclOperation.READ,
            AclOperation.WRITE,
            AclOperation.CREATE,
            AclOperation.DESCRIBE,
            AclOperation.DELETE,
            AclOperation.ALTER,
            AclOperation.DESCRIBE_CONFIGS,
            AclOperation.ALTER_CONFIGS);

    private static final Set<AclOperation> ON_CLUSTER = Set.of(
            AclOperation.CREATE,
            AclOperation.CLUSTER_ACTION,
            AclOperation.DESCRIBE_CONFIGS,
            AclOperation.ALTER_CONFIGS,
            AclOperation.IDEMPOTENT_WRITE,
            AclOperation.ALTER,
            AclOperation.DESCRIBE);

    boolean onTopic(AclOperation operation, String topic) {
        return authorizer.allows(context, operation, ResourceType.TOPIC, topic);
    }

    boolean onGroup(AclOperation operation, String group) {
        return authorizer.allows(context, operation, ResourceType.GROUP, group);
    }

    boolean onCluster(AclOperation operation) {
        return authorizer.allows(context, operation, ResourceType.CLUSTER, Resource.CLUSTER_NAME);
    }

    /** All that is allowed on a topic: bit {@code n} stands for the operation with code {@code n}. */
    int topicOperations(String topic) {
        int bits = 0;
        for (AclOperation operation : ON_TOPIC) {
            bits |= onTopic(operation, topic) ? 1 << operation.code() : 0;
        }
        return bits;
    }

    /** As {@link #topicOperations}, on the cluster. */
    int clusterOperations() {
        int bits = 0;
        for (AclOperation operation : ON_CLUSTER) {
            bits |= onCluster(operation) ? 1 << operation.code() : 0;
        }
        return bits;
    }
}
