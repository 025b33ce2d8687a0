// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

/**
 * How a node looks for rot.
 *
 * @param intervalMs how long it rests when all has been looked at
 * @param maxBytesPerSecond the most that is read in a second
 */
public record ScrubRules(long intervalMs, long maxBytesPerSecond) {}
