// SPDX-License-Identifier: Apache-2.0
/**
 * The Kafka listener: sockets, frames, order of responses, limits.
 */
@NullMarked
package io.tailrace.broker.net;

import org.jspecify.annotations.NullMarked;
