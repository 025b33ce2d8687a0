// SPDX-License-Identifier: Apache-2.0
/** Apache Kafka's own command-line tools, unchanged, in a process of their own. Start at {@link io.tailrace.broker.tools.KafkaTools}. */
package io.tailrace.broker.tools;
