// SPDX-License-Identifier: Apache-2.0
/**
 * What an operator can set, and where it comes from. Start reading at {@link io.tailrace.broker.config.BrokerConfig}.
 *
 * <p>One small record for each area holds its keys, its values and how the ones become the others. {@code conf/tailrace.properties} is
 * written from the same keys, and a test holds them equal.
 *
 * <p>Everything here is immutable once loaded and may be read from any thread.
 */
@NullMarked
package io.tailrace.broker.config;

import org.jspecify.annotations.NullMarked;
