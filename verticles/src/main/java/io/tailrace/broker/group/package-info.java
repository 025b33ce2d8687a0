// SPDX-License-Identifier: Apache-2.0
/**
 * The host of the group coordinator: one {@link io.tailrace.broker.group.GroupCoordinatorVerticle} per shard runs the machines of the {@code
 * __consumer_offsets} partitions that this node leads; API handlers ask them through {@link io.tailrace.broker.group.GroupCoordinators}.
 *
 * <p><b>Threads.</b> Everything of a shard belongs to the shard's event loop. {@code GroupCoordinators} is safe from any thread.
 */
@NullMarked
package io.tailrace.broker.group;

import org.jspecify.annotations.NullMarked;
