// SPDX-License-Identifier: Apache-2.0
/**
 * Compares two Kafka-protocol brokers on one machine: the same workload, alternately on both, medians and ratios. Start reading at {@link
 * io.tailrace.client.bench.Comparison}.
 *
 * <p>The load comes from Apache Kafka's own blocking clients, so that both brokers meet exactly the client that users have. Nothing outside
 * this package may use them. Single-threaded but where a class says otherwise.
 */
@NullMarked
package io.tailrace.client.bench;

import org.jspecify.annotations.NullMarked;
