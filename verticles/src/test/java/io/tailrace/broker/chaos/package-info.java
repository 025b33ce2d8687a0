// SPDX-License-Identifier: Apache-2.0
/**
 * Chaos: a cluster of real processes, stock clients that write down all they see, somebody who breaks things ({@link
 * io.tailrace.broker.chaos.Nemesis}), and a judge that reads what was written down ({@link io.tailrace.broker.chaos.Checker}).
 *
 * <p>After Jepsen's workload for Kafka. The judge is pure; all else has threads of its own and waits by polling.
 */
package io.tailrace.broker.chaos;
