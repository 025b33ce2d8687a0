// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

import io.vertx.core.net.SocketAddress;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.security.auth.KafkaPrincipal;

/** Who is at the other end, and what it may do. */
record Visitor(KafkaPrincipal principal, String host, Access access) {

    /** One that has not said who it is; there is no way to say so yet. */
    static Visitor anonymous(SocketAddress remote, Access access) {
        String host = remote.hostAddress();
        return new Visitor(KafkaPrincipal.ANONYMOUS, host == null ? "" : host, access);
    }

    boolean may(AclOperation operation, String topic) {
        return access.allows(principal, host, operation, topic);
    }
}
