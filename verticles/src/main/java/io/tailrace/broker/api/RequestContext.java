// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.vertx.core.Context;
import java.net.InetSocketAddress;
import org.apache.kafka.common.security.auth.KafkaPrincipal;

/**
 * Who asked, how, and where.
 *
 * @param connectionId unique in this process's life; for logs and for members tied to a connection
 * @param listener the name of the listener that took the connection, as in {@code listeners}
 * @param clientId as sent; empty if null
 * @param clientSoftwareName from ApiVersions v3+, else {@code "unknown"}
 * @param dialled the address of ours that the client reached
 * @param receivedMs when the whole request had arrived, milliseconds since the epoch
 * @param context the Vert.x context of the connection
 * @param patience tells a handler that waits on purpose when to give up
 */
public record RequestContext(
        long connectionId,
        String listener,
        KafkaPrincipal principal,
        short apiVersion,
        int correlationId,
        String clientId,
        String clientSoftwareName,
        String clientSoftwareVersion,
        InetSocketAddress remote,
        InetSocketAddress dialled,
        long receivedMs,
        Context context,
        Patience patience) {}
