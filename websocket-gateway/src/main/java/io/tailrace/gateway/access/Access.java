// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.access;

import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.auth.KafkaPrincipal;

/** Decides whether somebody may do something: the broker's own rules. Answers at once, on any thread. */
@FunctionalInterface
public interface Access {

    /** @param resource name of the topic or group; {@code kafka-cluster} for the cluster */
    boolean allows(KafkaPrincipal principal, String host, AclOperation operation, ResourceType type, String resource);
}
