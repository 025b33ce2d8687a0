// SPDX-License-Identifier: Apache-2.0
/**
 * Looks for rot in what a log has and nobody reads. Start reading at {@link io.tailrace.log.scrub.LogScrub}.
 *
 * <p>Single-threaded; on any thread, since files are read through descriptors of its own and nothing of a log is touched.
 */
@NullMarked
package io.tailrace.log.scrub;

import org.jspecify.annotations.NullMarked;
