// SPDX-License-Identifier: Apache-2.0
/**
 * What a subscription decides, without sockets, clocks or futures. Start reading at {@link
 * io.tailrace.gateway.session.SubscriptionMachine}.
 *
 * <p>Pure: no Vert.x. Nothing here is safe for several threads; each object belongs to the event loop of its connection. Records are
 * immutable.
 */
@NullMarked
package io.tailrace.gateway.session;

import org.jspecify.annotations.NullMarked;
