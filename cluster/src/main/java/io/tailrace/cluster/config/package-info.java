// SPDX-License-Identifier: Apache-2.0
/**
 * What may be configured on topics, groups and brokers, where a value in force comes from, and how a change to it is judged.
 *
 * <p>Names, types, defaults and allowed values are Kafka's, but for the two durability defaults that {@link
 * io.tailrace.cluster.config.TopicConfigs} names. Start reading there; then {@link io.tailrace.cluster.config.ConfigLayers} for who wins,
 * and {@link io.tailrace.cluster.config.KafkaConfigPolicy} for what a change must not be.
 *
 * <p>Everything here is immutable or a pure function, and safe on any thread.
 */
@NullMarked
package io.tailrace.cluster.config;

import org.jspecify.annotations.NullMarked;
