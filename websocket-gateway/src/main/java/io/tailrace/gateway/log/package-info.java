// SPDX-License-Identifier: Apache-2.0
/**
 * The log as the gateway uses it: reads for one subscriber, the read that all at the end share, and writes. Start reading at {@link
 * io.tailrace.gateway.log.Tail}.
 *
 * <p>Objects belong to the event loop that made them. Files are read and records decoded on workers.
 */
@NullMarked
package io.tailrace.gateway.log;

import org.jspecify.annotations.NullMarked;
