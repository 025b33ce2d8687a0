// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.security.auth.KafkaPrincipal;

/** Decides whether somebody may do something to a topic: the broker's own rules. Answers at once, on any thread. */
@FunctionalInterface
public interface Access {

    boolean allows(KafkaPrincipal principal, String host, AclOperation operation, String topic);
}
