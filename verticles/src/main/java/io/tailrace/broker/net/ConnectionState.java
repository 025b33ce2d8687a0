// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.tailrace.broker.api.Patience;
import io.tailrace.broker.api.RequestContext;
import io.tailrace.protocol.RequestHead;
import io.vertx.core.Context;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.protocol.ApiKeys;

/** What is known about the client of one connection. One event loop. */
final class ConnectionState {

    private static final AtomicLong IDS = new AtomicLong();
    private static final String UNKNOWN = "unknown";

    private final long id = IDS.incrementAndGet();
    private final ConnectionAuthenticator authenticator;
    private final InetSocketAddress remote;
    private final InetSocketAddress dialled;
    private String softwareName = UNKNOWN;
    private String softwareVersion = UNKNOWN;

    ConnectionState(ConnectionAuthenticator authenticator, InetSocketAddress remote, InetSocketAddress dialled) {
        this.authenticator = authenticator;
        this.remote = remote;
        this.dialled = dialled;
    }

    long id() {
        return id;
    }

    InetSocketAddress remote() {
        return remote;
    }

    ConnectionAuthenticator authenticator() {
        return authenticator;
    }

    boolean authenticated() {
        return authenticator.authenticated();
    }

    /** Whether a request to {@code api} is taken in the present state. */
    boolean permits(ApiKeys api) {
        return authenticated() || api == ApiKeys.API_VERSIONS || isSasl(api);
    }

    static boolean isSasl(ApiKeys api) {
        return api == ApiKeys.SASL_HANDSHAKE || api == ApiKeys.SASL_AUTHENTICATE;
    }

    /** Remembers what the client calls itself (KIP-511). */
    void remember(ApiVersionsRequestData request) {
        if (!request.clientSoftwareName().isEmpty()) {
            softwareName = request.clientSoftwareName();
            softwareVersion = request.clientSoftwareVersion();
        }
    }

    RequestContext contextOf(RequestHead head, String listener, long receivedMs, Context context) {
        return new RequestContext(
                id,
                listener,
                authenticator.principal(),
                head.version(),
                head.correlationId(),
                head.clientId(),
                softwareName,
                softwareVersion,
                remote,
                dialled,
                receivedMs,
                context,
                new Patience());
    }
}
