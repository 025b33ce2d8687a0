// SPDX-License-Identifier: Apache-2.0
/**
 * What the gateway of a node has of the other nodes: their partitions and their coordinators. Start reading at {@link
 * io.tailrace.broker.gateway.ClusterLogs}; what travels is {@link io.tailrace.broker.gateway.NodeCall}.
 */
@NullMarked
package io.tailrace.broker.gateway;

import org.jspecify.annotations.NullMarked;
