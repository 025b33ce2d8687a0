// SPDX-License-Identifier: Apache-2.0
/**
 * The runtime of one replicated coordinator partition: groups on {@code __consumer_offsets}, transactions on {@code __transaction_state},
 * share groups likewise. Start reading at {@link io.tailrace.cluster.coordinator.PartitionCoordinator}; what a coordinator plugs in is
 * {@link io.tailrace.cluster.coordinator.CoordinatorState}.
 *
 * <p>Pure. One partition's objects belong to one thread; different partitions share nothing.
 */
@NullMarked
package io.tailrace.cluster.coordinator;

import org.jspecify.annotations.NullMarked;
