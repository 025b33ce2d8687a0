// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

/**
 * Who answers.
 *
 * @param clusterId as Metadata tells it
 * @param nodeId this node
 */
public record NodeIdentity(String clusterId, int nodeId) {}
