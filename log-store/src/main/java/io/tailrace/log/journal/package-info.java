// SPDX-License-Identifier: Apache-2.0
/**
 * The journal: one file per shard and log directory that makes the small appends of a turn durable with one write and one sync,
 * whatever the number of their partitions. Start reading at {@code Journal}; decision record 0003 tells why it is built so.
 *
 * <p>Thread contract: the shard's thread, but for the work in a ticket, which is the sync thread's.
 */
@NullMarked
package io.tailrace.log.journal;

import org.jspecify.annotations.NullMarked;
