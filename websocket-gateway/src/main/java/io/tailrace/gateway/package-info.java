// SPDX-License-Identifier: Apache-2.0
/**
 * The gateway for browsers: WebSocket, server-sent events and plain HTTP over the log of this node. Start reading at {@link
 * io.tailrace.gateway.GatewayVerticle}; the protocol is in docs/gateway-protocol.md.
 *
 * <p>Each verticle instance has an event loop of its own, with its connections and its shared reads; instances share nothing but the log.
 * Records are read from files, unpacked and encoded on workers.
 */
@NullMarked
package io.tailrace.gateway;

import org.jspecify.annotations.NullMarked;
