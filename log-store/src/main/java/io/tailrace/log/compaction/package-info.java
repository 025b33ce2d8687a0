// SPDX-License-Identifier: Apache-2.0
/**
 * The cleaner: keeps the newest record of each key in topics with {@code cleanup.policy=compact}. Start reading at {@code
 * CompactionTask}; decision record 0004 tells why it is built so.
 *
 * <p>Three parts on two threads. The shard thread takes a {@code CleanableLog}, a picture of a log, and {@code
 * CompactionPolicy} picks one. A worker runs a {@code CompactionTask} over it in bounded steps; the task reads sealed segments
 * through files of its own and writes {@code .cleaned} files, touching nothing a shard owns. The shard thread then swaps the
 * result in with {@code SegmentSwap}, or drops it if the log has changed below.
 */
@NullMarked
package io.tailrace.log.compaction;

import org.jspecify.annotations.NullMarked;
