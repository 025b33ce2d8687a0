// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway;

import io.tailrace.gateway.session.Admission;
import java.util.List;
import java.util.Optional;

/**
 * What an operator can say about the gateway.
 *
 * @param port 0 to let the system choose one
 * @param allowedOrigins pages of which other origins may connect, as browsers write them ({@code https://example.org}); {@code *} for all
 * @param handshakes how fast each event loop opens WebSockets
 * @param compresses whether records are compressed for clients that want it
 * @param developmentTopic where {@code GET /rest/api/producerMsg} writes; without it there is no such address
 */
public record GatewayConfig(
        int nodeId,
        String host,
        int port,
        List<String> allowedOrigins,
        Admission.Terms handshakes,
        boolean compresses,
        Optional<String> developmentTopic) {}
