// SPDX-License-Identifier: Apache-2.0
/**
 * The partition log. Start reading at {@code PartitionLog}.
 *
 * <p>Single-threaded by contract: one shard owns a log and every call to it comes from that shard's thread.
 */
@NullMarked
package io.tailrace.log;

import org.jspecify.annotations.NullMarked;
