// SPDX-License-Identifier: Apache-2.0
/**
 * Groups and committed offsets of one {@code __consumer_offsets} partition: {@link io.tailrace.cluster.group.GroupMachine}, which {@link
 * io.tailrace.cluster.coordinator.PartitionCoordinator} runs. Each kind of group (classic, consumer, share, streams) plugs in as a {@link
 * io.tailrace.cluster.group.GroupKind} and shares the {@link io.tailrace.cluster.group.GroupTable} and the {@link
 * io.tailrace.cluster.group.OffsetTable}.
 *
 * <p>Pure; the objects of one partition belong to one thread.
 */
@NullMarked
package io.tailrace.cluster.group;

import org.jspecify.annotations.NullMarked;
