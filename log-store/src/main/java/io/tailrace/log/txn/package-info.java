// SPDX-License-Identifier: Apache-2.0
/**
 * Which transactions of a segment were aborted, so that read_committed consumers can skip their records. Start reading at
 * {@code AbortedTransactions}.
 *
 * <p>Pure and single-threaded: the shard that owns the log owns its index.
 */
@NullMarked
package io.tailrace.log.txn;

import org.jspecify.annotations.NullMarked;
