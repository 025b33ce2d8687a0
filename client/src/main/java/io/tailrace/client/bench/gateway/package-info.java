// SPDX-License-Identifier: Apache-2.0
/**
 * Measures a gateway with many WebSockets: fan-out by key and to all, clients without credit, a mass reconnect, idle connections. Start reading
 * at {@link io.tailrace.client.bench.gateway.GatewayBench}.
 *
 * <p>The load runs in this process, on event loops of its own; the scenarios block the thread that runs them.
 */
@NullMarked
package io.tailrace.client.bench.gateway;

import org.jspecify.annotations.NullMarked;
