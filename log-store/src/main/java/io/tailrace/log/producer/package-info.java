// SPDX-License-Identifier: Apache-2.0
/**
 * What a log remembers of its idempotent and transactional producers. Start reading at {@code ProducerStates}.
 *
 * <p>Pure and single-threaded: the shard that owns the log owns the states.
 */
@NullMarked
package io.tailrace.log.producer;

import org.jspecify.annotations.NullMarked;
