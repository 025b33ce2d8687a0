// SPDX-License-Identifier: Apache-2.0
/**
 * What happens to a produced or replicated buffer before it is written: checks, conversion, and the assignment of offsets,
 * epochs and times in place. Start reading at {@code AppendPreparation}.
 *
 * <p>Pure and single-threaded: an instance belongs to one shard.
 */
@NullMarked
package io.tailrace.log.append;

import org.jspecify.annotations.NullMarked;
