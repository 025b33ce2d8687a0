// SPDX-License-Identifier: Apache-2.0
/**
 * Typed requests over Vert.x's event bus. Start reading at {@link io.tailrace.broker.bus.Bus}.
 *
 * <p>{@link io.tailrace.broker.bus.Bus} may be used from any thread; the future of a request completes on the context that asked. {@link
 * io.tailrace.broker.bus.Replies} belongs to the thread of one shard.
 */
@NullMarked
package io.tailrace.broker.bus;

import org.jspecify.annotations.NullMarked;
