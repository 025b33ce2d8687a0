// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

/**
 * How a node compacts.
 *
 * @param backoffMs how long it rests when nothing is due
 * @param mapBytes the most that the map of keys may take
 * @param maxBytesPerSecond the most that is read in a second
 */
public record CleanerRules(long backoffMs, int mapBytes, double maxBytesPerSecond) {}
