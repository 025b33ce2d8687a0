// SPDX-License-Identifier: Apache-2.0
/**
 * Subscriptions at work: what their machines decide is done here. Start reading at {@link io.tailrace.gateway.stream.SubscriptionHost}.
 *
 * <p>Objects belong to the event loop that made them.
 */
@NullMarked
package io.tailrace.gateway.stream;

import org.jspecify.annotations.NullMarked;
