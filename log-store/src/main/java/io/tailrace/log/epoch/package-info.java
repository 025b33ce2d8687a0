// SPDX-License-Identifier: Apache-2.0
/**
 * Which leader epoch wrote which offsets, and how two replicas find where their logs part. Start reading at {@code
 * LeaderEpochs}.
 *
 * <p>Pure and single-threaded: the shard that owns the log owns its history.
 */
@NullMarked
package io.tailrace.log.epoch;

import org.jspecify.annotations.NullMarked;
