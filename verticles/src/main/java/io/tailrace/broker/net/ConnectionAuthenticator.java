// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.tailrace.broker.api.RequestContext;
import io.vertx.core.Future;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLSession;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of one connection. One instance per connection, used on its event loop only.
 *
 * <p>Until {@link #authenticated()} holds, the listener takes only ApiVersions and the two SASL APIs, one request at a time, in small frames.
 */
public interface ConnectionAuthenticator {

    /** Whether the principal is known. */
    boolean authenticated();

    /** {@link KafkaPrincipal#ANONYMOUS} until known. */
    KafkaPrincipal principal();

    /** Answers SaslHandshake and SaslAuthenticate, which do not go to a registered handler. */
    Future<? extends ApiMessage> handle(RequestContext context, ApiMessage request);

    /** Makes the authenticator of a new connection. */
    @FunctionalInterface
    interface Factory {

        /** @param session of TLS, null on a plain socket */
        ConnectionAuthenticator open(InetSocketAddress remote, @Nullable SSLSession session);
    }
}
