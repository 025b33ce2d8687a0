// SPDX-License-Identifier: Apache-2.0
/**
 * What listens: WebSocket sessions, server-sent events, requests. Start reading at {@link io.tailrace.gateway.http.Routes} and {@link
 * io.tailrace.gateway.http.WebSocketSession}.
 *
 * <p>Objects belong to the event loop of their verticle. Nothing that a client sends is believed, and nothing it can do makes the server
 * remember without a bound.
 */
@NullMarked
package io.tailrace.gateway.http;

import org.jspecify.annotations.NullMarked;
