// SPDX-License-Identifier: Apache-2.0
/**
 * Frames, limits and headers of the Kafka wire protocol, over the message classes of kafka-clients.
 *
 * <p>Pure and stateless: every type here may be used from any thread.
 */
@NullMarked
package io.tailrace.protocol;

import org.jspecify.annotations.NullMarked;
