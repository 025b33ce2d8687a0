// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.access;

import io.vertx.core.net.SocketAddress;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.auth.KafkaPrincipal;

/** Who is at the other end, and what it may do. */
public record Visitor(KafkaPrincipal principal, String host, Access access) {

    /** One that has not said who it is; there is no way to say so yet. */
    public static Visitor anonymous(SocketAddress remote, Access access) {
        String host = remote.hostAddress();
        return new Visitor(KafkaPrincipal.ANONYMOUS, host == null ? "" : host, access);
    }

    /** On a topic. */
    public boolean may(AclOperation operation, String topic) {
        return access.allows(principal, host, operation, ResourceType.TOPIC, topic);
    }

    public boolean mayOnCluster(AclOperation operation) {
        return access.allows(principal, host, operation, ResourceType.CLUSTER, Resource.CLUSTER_NAME);
    }
}
