// SPDX-License-Identifier: Apache-2.0
/**
 * The consumer group protocol of KIP-848: the coordinator assigns, members reconcile one by one, nobody stops the world. Start reading at
 * {@link io.tailrace.cluster.group.consumer.ConsumerKind}; what one heartbeat does stands in {@code Heartbeats}, how a member gets from what
 * it holds to what it should hold in {@code Reconciler}.
 *
 * <p>Pure; the objects of one partition of {@code __consumer_offsets} belong to one thread.
 */
@NullMarked
package io.tailrace.cluster.group.consumer;

import org.jspecify.annotations.NullMarked;
