// SPDX-License-Identifier: Apache-2.0
/**
 * The host of the partition logs: one {@link io.tailrace.broker.log.PartitionLogVerticle} per shard. Start reading there.
 *
 * <p><b>Threads.</b> Everything of a shard belongs to the shard's own thread, but for the sync of a {@code SyncTicket}, which runs on the
 * shard's sync thread, and for what a reply hands out. Nothing here is safe for use by two threads.
 */
@NullMarked
package io.tailrace.broker.log;

import org.jspecify.annotations.NullMarked;
