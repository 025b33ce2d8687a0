// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

/**
 * A record found by time.
 *
 * @param offset of the record
 * @param timestampMs its timestamp
 * @param leaderEpoch of the batch that holds it
 */
public record TimestampedOffset(long offset, long timestampMs, int leaderEpoch) {}
