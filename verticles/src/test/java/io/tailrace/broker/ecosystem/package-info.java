// SPDX-License-Identifier: Apache-2.0
/**
 * What runs on a broker: Kafka Connect and Kafka Streams, unchanged, as processes of their own that are killed. Their jars lie in {@code
 * target/ecosystem} and meet no class path of ours. Profile {@code ecosystem}.
 */
@NullMarked
package io.tailrace.broker.ecosystem;

import org.jspecify.annotations.NullMarked;
