// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.tailrace.protocol.FrameLimits;

/**
 * How large requests may be, and how many may be in hand.
 *
 * @param beforeAuthentication limits of a frame from somebody unknown
 * @param afterAuthentication limits of a frame from somebody known ({@code socket.request.max.bytes})
 * @param inFlightCount requests of one connection that may be in hand at once, at least 1
 * @param queuedResponseBytes responses not yet taken by the socket, per connection, beyond which no further request is started
 */
public record RequestRules(
        FrameLimits beforeAuthentication, FrameLimits afterAuthentication, int inFlightCount, int queuedResponseBytes) {

    /** 64 in flight and 1 MiB of responses: enough to keep a socket busy, little enough to multiply by all connections. */
    public static RequestRules defaults() {
        return new RequestRules(FrameLimits.beforeAuthentication(), FrameLimits.afterAuthentication(), 64, 1 << 20);
    }
}
