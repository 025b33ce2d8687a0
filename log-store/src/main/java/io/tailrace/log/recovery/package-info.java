// SPDX-License-Identifier: Apache-2.0
/**
 * From files back to a log: what a start has to read, believe, mend or refuse. Start reading at {@code LogLoader}.
 *
 * <p>Thread contract: the shard's thread, but for {@code DurableFile}, which any thread may use.
 */
@NullMarked
package io.tailrace.log.recovery;

import org.jspecify.annotations.NullMarked;
