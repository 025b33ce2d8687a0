// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.auth.KafkaPrincipal;

/**
 * Decides whether somebody may do something. Every API and the gateway ask it; it answers at once, from memory, on any thread.
 */
@FunctionalInterface
public interface Authorizer {

    /**
     * Whether {@code principal}, coming from {@code host}, may do {@code operation} on the resource.
     *
     * @param resource topic, group or transactional id; {@code kafka-cluster} for the cluster
     */
    boolean allows(KafkaPrincipal principal, String host, AclOperation operation, ResourceType type, String resource);

    /** Everyone may do everything: the rule until access control lists are configured. */
    static Authorizer allowAll() {
        return (principal, host, operation, type, resource) -> true;
    }

    /** As {@link #allows(KafkaPrincipal, String, AclOperation, ResourceType, String)}, for who sent a request. */
    default boolean allows(RequestContext context, AclOperation operation, ResourceType type, String resource) {
        return allows(context.principal(), context.remote().getAddress().getHostAddress(), operation, type, resource);
    }
}
