// SPDX-License-Identifier: Apache-2.0
/**
 * One file per Kafka API. Start reading at {@link io.tailrace.broker.api.KafkaApi}.
 *
 * <p>Handlers run on the event loop of the connection that asked and never block it.
 */
@NullMarked
package io.tailrace.broker.api;

import org.jspecify.annotations.NullMarked;
